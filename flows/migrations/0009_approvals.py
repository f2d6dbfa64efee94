"""Questions that runs put to people."""

import causeway.base.fields
import causeway.base.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('base', '0001_initial'),
        ('flows', '0008_superseded'),
    ]

    operations = [
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.UUIDField(default=causeway.base.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('node', models.CharField(max_length=64)),
                ('path', models.TextField(blank=True)),
                ('title', models.CharField(max_length=200)),
                ('message', models.TextField(blank=True)),
                ('role', models.CharField(blank=True, max_length=32)),
                ('users', causeway.base.fields.ExactJSONField(default=list)),
                ('until', models.DateTimeField()),
                ('asked_at', models.DateTimeField()),
                ('decision', models.CharField(blank=True, choices=[('approved', 'Approved'), ('rejected', 'Rejected')], default='', max_length=8)),
                ('decided_by', models.CharField(blank=True, default='', max_length=150)),
                ('decided_at', models.DateTimeField(null=True)),
                ('comment', models.CharField(blank=True, default='', max_length=1000)),
                ('environment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='base.environment')),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='approvals', to='flows.run')),
                ('workspace', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='base.workspace')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('decision', '')), fields=['workspace', '-id'], name='approval_undecided')],
                'constraints': [models.UniqueConstraint(fields=('run', 'node', 'path'), name='approval_asked_once')],
            },
        ),
    ]
