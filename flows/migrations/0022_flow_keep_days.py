from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flows", "0021_journal_days")]
    operations = [
        migrations.AddField(
            model_name="flow",
            name="keep_days",
            field=models.PositiveIntegerField(null=True),
        )
    ]
