"""The operations on a database, one module each. Reads repeat freely; writes are idempotent by
what they leave over there (key item, SyncRev, mark, digest) and can be probed by it. Only an
agent does what it likes: it is probed by the proof that the flow names."""

from connectors.notes.actions.agent import probe_agent, run_agent
from connectors.notes.actions.attach import probe_attach, run_attach
from connectors.notes.actions.change_status import probe_change_status, run_change_status
from connectors.notes.actions.changed import run_changed
from connectors.notes.actions.create import probe_create, run_create
from connectors.notes.actions.create_many import probe_create_many, run_create_many
from connectors.notes.actions.delete import probe_delete, run_delete
from connectors.notes.actions.folder import probe_folder, run_folder
from connectors.notes.actions.profile import run_profile
from connectors.notes.actions.read import run_find, run_get
from connectors.notes.actions.search import run_search
from connectors.notes.actions.update import probe_update, run_update
from connectors.notes.actions.upsert import probe_upsert, run_upsert
from connectors.notes.actions.view import run_view
from connectors.sdk.operation import Operation

OPERATIONS = (
    Operation(name="notes.document.find", version=1, run=run_find),
    Operation(name="notes.document.get", version=1, run=run_get),
    Operation(name="notes.view.read", version=1, run=run_view),
    Operation(name="notes.document.search", version=1, run=run_search),
    Operation(name="notes.document.changed", version=1, run=run_changed),
    Operation(name="notes.document.create", version=1, run=run_create, probe=probe_create),
    Operation(
        name="notes.document.create_many",
        version=1,
        run=run_create_many,
        probe=probe_create_many,
    ),
    Operation(name="notes.document.upsert", version=1, run=run_upsert, probe=probe_upsert),
    Operation(name="notes.document.update", version=1, run=run_update, probe=probe_update),
    Operation(
        name="notes.document.change_status",
        version=1,
        run=run_change_status,
        probe=probe_change_status,
    ),
    Operation(name="notes.document.delete", version=1, run=run_delete, probe=probe_delete),
    Operation(name="notes.document.attach", version=1, run=run_attach, probe=probe_attach),
    Operation(name="notes.folder.change", version=1, run=run_folder, probe=probe_folder),
    Operation(name="notes.agent.run", version=1, run=run_agent, probe=probe_agent),
    Operation(name="notes.form.profile", version=1, run=run_profile),
)
