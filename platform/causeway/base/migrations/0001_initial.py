
import causeway.base.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Workspace',
            fields=[
                ('id', models.UUIDField(default=causeway.base.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'permissions': [('read_flows', 'See flows, versions and deployments'), ('edit_flows', 'Create flows and flow versions'), ('deploy_flows', 'Deploy a flow version to an environment'), ('read_runs', 'See runs, their steps and receipts'), ('read_payloads', 'See the data that runs carried'), ('start_runs', 'Start, cancel and replay runs'), ('read_connections', 'See connections, never their secrets'), ('manage_connections', 'Create, change and check connections'), ('use_sandbox', 'Act in the two imitated systems'), ('manage_access', 'Grant and revoke roles')],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.UUIDField(default=causeway.base.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120)),
                ('prefix', models.CharField(max_length=16)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('last_used_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Environment',
            fields=[
                ('id', models.UUIDField(default=causeway.base.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=64)),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('sandbox', 'Sandbox'), ('test', 'Test'), ('production', 'Production')], max_length=16)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='environments', to='base.workspace')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('workspace', 'slug'), name='environment_slug_unique')],
            },
        ),
    ]
