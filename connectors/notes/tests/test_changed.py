"""notes.document.changed: what was saved since a time of the server's clock."""

import pytest

from connectors.notes.actions.changed import run_changed
from connectors.notes.tests.conftest import Served
from connectors.sdk.errors import ConfigurationError

UNID = "C19DBA6C3A81ABCF2BA2AED24430F4EF"


async def test_only_what_was_saved_since(served: Served) -> None:
    await served.save(UNID, Stock=7)
    result = await run_changed(served.ctx(), {"since": "2026-11-23T11:21:30+01:00"})
    assert result.output["documents"] == [{"unid": UNID, "modified": "2026-11-23T10:21:30Z"}]
    assert result.output["server_time"] == "2026-11-23T10:21:30Z"
    served.clock.move(60)
    later = await run_changed(served.ctx(), {"since": "2026-11-23T10:22:00Z"})
    assert later.output["documents"] == []
    assert later.output["server_time"] == "2026-11-23T10:22:30Z"


@pytest.mark.parametrize("since", ["yesterday", "2026-11-23T10:21:30", ""])
async def test_a_time_needs_its_zone(served: Served, since: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await run_changed(served.ctx(), {"since": since})
    assert caught.value.code == "since"
