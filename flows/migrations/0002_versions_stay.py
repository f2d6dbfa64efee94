"""A published flow version never changes: the database itself refuses."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION flows_flowversion_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A flow version is never changed or deleted.'
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER flow_version_stays
    BEFORE UPDATE OR DELETE ON flows_flowversion
    FOR EACH ROW EXECUTE FUNCTION flows_flowversion_refuse();
"""

BACKWARD = """
DROP TRIGGER flow_version_stays ON flows_flowversion;
DROP FUNCTION flows_flowversion_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("flows", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
