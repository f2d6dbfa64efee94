from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flows", "0004_idempotent_call")]

    operations = [
        migrations.AlterField(
            model_name="triggerevent",
            name="source",
            field=models.CharField(
                choices=[
                    ("hook", "Hook"),
                    ("poll", "Poll"),
                    ("manual", "Manual"),
                    ("schedule", "Schedule"),
                ],
                max_length=8,
            ),
        ),
    ]
