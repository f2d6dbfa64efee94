from django.db import migrations

REFUSE = """
CREATE FUNCTION governance_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log only grows: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER audit_entry_append_only
    BEFORE UPDATE OR DELETE ON governance_auditentry
    FOR EACH ROW EXECUTE FUNCTION governance_refuse_audit_change();
"""

ALLOW = """
DROP TRIGGER audit_entry_append_only ON governance_auditentry;
DROP FUNCTION governance_refuse_audit_change();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_audit_entry")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
