"""What the hot path needs of its tables: a number for each change of a run, and room to update.

A run's row is updated several times in its short life. With room on its page most updates stay
there (HOT), and vacuum comes before the table is full of what is gone.
"""

from django.db import migrations

FORWARD = """
CREATE SEQUENCE flows_run_revision AS bigint;
ALTER TABLE flows_run SET (
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000
);
"""

BACKWARD = """
ALTER TABLE flows_run RESET (
    fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold
);
DROP SEQUENCE flows_run_revision;
"""


class Migration(migrations.Migration):
    dependencies = [("flows", "0002_versions_stay")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
