"""Steps that wait for something from outside, and the news that they wait for."""

import causeway.base.fields
import causeway.base.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0001_initial'),
        ('flows', '0006_replays'),
    ]

    operations = [
        migrations.CreateModel(
            name='AwaitedNews',
            fields=[
                ('id', models.UUIDField(default=causeway.base.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('node', models.CharField(max_length=64)),
                ('trigger_type', models.CharField(max_length=120)),
                ('params', causeway.base.fields.ExactJSONField(default=dict)),
                ('match', models.CharField(max_length=16)),
                ('topic', models.CharField(max_length=64)),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='awaited_news', to='connections.connection')),
                ('deployment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='awaited_news', to='flows.deployment')),
            ],
        ),
        migrations.CreateModel(
            name='HeardNews',
            fields=[
                ('pk', models.CompositePrimaryKey('topic', 'key', 'event_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('topic', models.CharField(max_length=64)),
                ('key', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='flows.triggerevent')),
            ],
            options={
                'indexes': [models.Index(fields=['at'], name='heard_news_age')],
            },
        ),
        migrations.CreateModel(
            name='Wait',
            fields=[
                ('pk', models.CompositePrimaryKey('run_id', 'node', 'path', blank=True, editable=False, primary_key=True, serialize=False)),
                ('node', models.CharField(max_length=64)),
                ('path', models.TextField(blank=True)),
                ('kind', models.CharField(max_length=16)),
                ('topic', models.CharField(blank=True, max_length=64)),
                ('key', models.CharField(max_length=200)),
                ('until', models.DateTimeField()),
                ('registered_at', models.DateTimeField()),
                ('answer', causeway.base.fields.ExactJSONField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('taken', models.BooleanField(default=False)),
                ('event', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='flows.triggerevent')),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='waits', to='flows.run')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('answered_at__isnull', True), models.Q(('topic', ''), _negated=True)), fields=['topic', 'key'], name='wait_for_news'), models.Index(condition=models.Q(('answered_at__isnull', False), ('taken', False)), fields=['run'], name='wait_answered')],
            },
        ),
    ]
