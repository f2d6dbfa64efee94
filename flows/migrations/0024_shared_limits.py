from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flows", "0023_payloads")]
    operations = [
        migrations.CreateModel(
            name="SharedLimit",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("version", models.CharField(max_length=32)),
                ("record", models.BinaryField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE flows_sharedlimit SET UNLOGGED",
            "ALTER TABLE flows_sharedlimit SET LOGGED",
        ),
    ]
