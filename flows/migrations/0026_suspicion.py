from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("flows", "0025_parts_of_runs")]

    operations = [migrations.RenameField("run", "deaths_alone", "suspicion")]
