"""Which run called which other one."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0015_bulk_replays'),
    ]

    operations = [
        migrations.AlterField(
            model_name='triggerevent',
            name='source',
            field=models.CharField(choices=[('hook', 'Hook'), ('poll', 'Poll'), ('manual', 'Manual'), ('schedule', 'Schedule'), ('failure', 'Failure'), ('call', 'Call')], max_length=8),
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('pk', models.CompositePrimaryKey('caller_id', 'node', 'path', blank=True, editable=False, primary_key=True, serialize=False)),
                ('node', models.CharField(max_length=64)),
                ('path', models.TextField(blank=True)),
                ('waits', models.BooleanField()),
                ('open', models.BooleanField()),
                ('at', models.DateTimeField()),
                ('called', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='called_by', to='flows.run')),
                ('caller', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='calls', to='flows.run')),
                ('event', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='flows.triggerevent')),
            ],
            options={
                'indexes': [models.Index(fields=['event'], name='call_of_event'), models.Index(condition=models.Q(('called__isnull', False)), fields=['called'], name='call_of_run'), models.Index(condition=models.Q(('open', True)), fields=['at'], name='call_open')],
            },
        ),
    ]
