"""When a Last-Modified names one state alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.notes.dds.client import DdsClient
from connectors.notes.settling import OWN_REST, REST, read_settled, time_to_rest
from connectors.notes.tests.conftest import START, Served
from connectors.notes.transforms import NotesDocument
from connectors.sdk.errors import ConflictError

UNID = "C19DBA6C3A81ABCF2BA2AED24430F4EF"


async def document(served: Served) -> NotesDocument:
    return await DdsClient(served.ctx()).read(UNID)


async def test_a_reading_knows_the_servers_clock(served: Served) -> None:
    assert (await document(served)).read_at == START


@pytest.mark.parametrize(
    ("header", "read_at", "seconds"),
    [
        ("Mon, 23 Nov 2026 10:21:30 GMT", START, 2),
        ("Mon, 23 Nov 2026 10:21:29 GMT", START, 1),
        ("Mon, 23 Nov 2026 10:21:28 GMT", START, 0),
        ("Fri, 02 Oct 2026 10:00:00 GMT", START, 0),
        ("Mon, 23 Nov 2026 10:25:00 GMT", START, 2),
        ("Fri, 02 Oct 2026 10:00:00 GMT", None, 3),
        ("yesterday", START, 3),
    ],
)
async def test_how_long_a_save_takes_to_rest(
    served: Served, header: str, read_at: Any, seconds: float
) -> None:
    read = replace(await document(served), last_modified=header, read_at=read_at)
    assert time_to_rest(read) == timedelta(seconds=seconds)


async def test_what_is_at_rest_is_read_once(served: Served) -> None:
    await read_settled(served.ctx(), DdsClient(served.ctx()), UNID)
    assert served.clock.now == START
    reads = [path for method, path, _ in await served.requests() if "documents/unid" in path]
    assert len(reads) == 1


async def test_what_was_saved_just_now_is_read_again(served: Served) -> None:
    await served.save(UNID, Stock=7)
    read = await read_settled(served.ctx(), DdsClient(served.ctx()), UNID)
    assert served.clock.now == START + REST
    assert not time_to_rest(read)


async def test_a_second_save_while_waiting_is_waited_for_too(served: Served) -> None:
    await served.save(UNID, Stock=7)
    times: list[float] = []

    async def wait(seconds: float) -> None:
        served.clock.move(seconds)
        times.append(seconds)
        if len(times) == 1:
            await served.save(UNID, Stock=8)

    ctx = replace(served.ctx(), wait=wait)
    read = await read_settled(ctx, DdsClient(ctx), UNID)
    assert read.item("Stock") == 8
    assert times == [2, 2]


@pytest.mark.parametrize("skew", [None, timedelta(minutes=-5)], ids=["no date", "slow proxy"])
async def test_without_a_date_of_the_server_our_own_clock_counts(
    served: Served, monkeypatch: pytest.MonkeyPatch, skew: timedelta | None
) -> None:
    read = DdsClient.read

    async def skewed(self: DdsClient, unid: str) -> NotesDocument:
        found = await read(self, unid)
        now = found.read_at
        return replace(found, read_at=now + skew if now and skew is not None else None)

    monkeypatch.setattr(DdsClient, "read", skewed)
    await served.save(UNID, Stock=7)
    await read_settled(served.ctx(), DdsClient(served.ctx()), UNID)
    assert served.clock.now - START >= OWN_REST


async def test_a_document_that_never_rests(served: Served) -> None:
    async def wait(seconds: float) -> None:
        served.clock.move(seconds)
        await served.save(UNID, Stock=served.clock.now.second)

    ctx = replace(served.ctx(), wait=wait)
    await served.save(UNID, Stock=7)
    with pytest.raises(ConflictError) as caught:
        await read_settled(ctx, DdsClient(ctx), UNID)
    assert caught.value.code == "never_rests"
