"""Mails to those whom runs ask."""

import causeway.base.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('flows', '0009_approvals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='approval',
            name='invited_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name='ApprovalMail',
            fields=[
                ('id', models.UUIDField(default=causeway.base.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('due_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(null=True)),
                ('error', models.CharField(blank=True, default='', max_length=120)),
                ('approval', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mails', to='flows.approval')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('sent_at__isnull', True)), fields=['due_at'], name='approval_mail_due')],
                'constraints': [models.UniqueConstraint(fields=('approval', 'user'), name='approval_mail_once')],
            },
        ),
    ]
