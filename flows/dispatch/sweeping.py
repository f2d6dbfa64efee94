"""One sweep, and what follows from it."""

import structlog

from flows.dispatch.accepting import announce_accepted
from flows.dispatch.announce import announcer
from flows.dispatch.calls import call_off_orphans, settle_calls
from flows.nudges import nudge
from flows.store.claims import anything_due
from flows.store.sweep import Swept, analyse_outgrown, sweep

log = structlog.get_logger(__name__)


async def sweep_once() -> Swept:
    """Find what nobody carries; wake a worker when something is due."""
    swept = await sweep()
    announcer().runs_moved(await call_off_orphans())
    announce_accepted(await settle_calls())
    if swept.orphaned:
        log.warning("runs taken from dead workers", **_numbers(swept))
    announcer().runs_moved(swept.changed)
    if outgrown := await analyse_outgrown():
        log.info("tables analysed since they grew", tables=outgrown)
    if await anything_due():
        nudge()
    return swept


def _numbers(swept: Swept) -> dict[str, int]:
    return {"orphaned": swept.orphaned, "quarantined": swept.quarantined}
