"""The operations on documents, one module each. Reads repeat freely; both writes are idempotent
by what they leave in the document (key item, SyncRev) and can be probed by it."""

from connectors.notes.actions.changed import run_changed
from connectors.notes.actions.create import probe_create, run_create
from connectors.notes.actions.read import run_find, run_get
from connectors.notes.actions.update import probe_update, run_update
from connectors.sdk.operation import Operation

OPERATIONS = (
    Operation(name="notes.document.find", version=1, run=run_find),
    Operation(name="notes.document.get", version=1, run=run_get),
    Operation(name="notes.document.changed", version=1, run=run_changed),
    Operation(name="notes.document.create", version=1, run=run_create, probe=probe_create),
    Operation(name="notes.document.update", version=1, run=run_update, probe=probe_update),
)
