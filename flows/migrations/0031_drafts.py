import causeway.base.fields
import causeway.base.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("flows", "0030_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FlowDraft',
            fields=[
                ('id', models.UUIDField(default=causeway.base.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('document', causeway.base.fields.ExactJSONField()),
                ('base', models.PositiveIntegerField()),
                ('revision', models.PositiveIntegerField()),
                ('updated_at', models.DateTimeField()),
                ('flow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='flows.flow')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('flow', 'user'), name='flow_draft_one_each')],
            },
        ),
    ]
