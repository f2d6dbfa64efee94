import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from guardian.shortcuts import assign_perm, remove_perm

from connectors.sdk import codec
from flows.dispatch import worker
from flows.dispatch.accepting import Arrival, accept
from flows.dispatch.announce import announcer
from flows.live import app, consumer
from flows.models import Run, RunEvent
from tests.flows.example import FarSide, event
from tests.flows.world import DAY, World, make_runs, make_world

ORIGIN = "http://localhost:8000"
READS = ("read_flows", "read_runs")


def cookie_of(world: World, *permissions: str, username: str = "reader") -> str:
    """A person with these permissions in the world's workspace, signed in."""
    user, _ = User.objects.get_or_create(username=username)
    for permission in permissions:
        assign_perm(permission, user, world.workspace)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


class Reader:
    """A socket and what came through it."""

    def __init__(self, cookie: str, origin: str = ORIGIN) -> None:
        headers = [(b"origin", origin.encode()), (b"cookie", cookie.encode())]
        communicator: Any = ApplicationCommunicator  # asgiref gives it no types
        self.socket = communicator(
            app,
            {
                "type": "websocket",
                "path": "/ws/live",
                "query_string": b"",
                "headers": headers,
                "subprotocols": [],
            },
        )

    async def connect(self) -> bool:
        await self.socket.send_input({"type": "websocket.connect"})
        return bool((await self.output())["type"] == "websocket.accept")

    async def disconnect(self) -> None:
        await self.socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.socket.wait(timeout=5)

    async def say(self, text: str) -> None:
        await self.socket.send_input({"type": "websocket.receive", "text": text})

    async def ask(self, **message: Any) -> None:
        await self.say(codec.dumps(message).decode())

    async def output(self) -> dict[str, Any]:
        return dict(await self.socket.receive_output(timeout=5))

    async def silent(self) -> bool:
        return bool(await self.socket.receive_nothing(timeout=0.4))

    async def next(self) -> dict[str, Any]:
        output = await self.output()
        assert output["type"] == "websocket.send", output
        message: dict[str, Any] = codec.loads(output["text"])
        return message

    async def numbers(self, count: int) -> list[int]:
        return [(await self.next())["number"] for _ in range(count)]


@pytest.fixture
async def open_reader(hot: World) -> AsyncIterator[Any]:
    opened: list[Reader] = []

    async def open_one(*permissions: str, world: World = hot, username: str = "reader") -> Reader:
        cookie = await sync_to_async(cookie_of)(world, *permissions, username=username)
        reader = Reader(cookie)
        assert await reader.connect()
        opened.append(reader)
        return reader

    yield open_one
    for reader in opened:
        await reader.disconnect()


async def bring(hot: World, id_: str) -> None:
    await accept(
        Arrival(
            environment_id=hot.environment.id,
            connection_id=hot.connection.id,
            source="hook",
            system=hot.connection.system,
            events=[event(id_, at=DAY)],
        )
    )


async def test_a_list_of_runs_moves_with_its_runs(hot: World, open_reader: Any) -> None:
    reader = await open_reader(*READS)
    await reader.ask(subscribe="runs:demo")
    await asyncio.sleep(0.3)
    await bring(hot, "6")
    first = await reader.next()
    assert first["topic"] == "runs:demo"
    assert first["event"]["state"] == "pending"
    assert first["event"]["business_key"] == "KEY6"
    assert first["number"] >= first["event"]["revision"]
    await worker.drain()
    row = first
    while row["event"]["state"] != "succeeded":
        after = await reader.next()
        assert after["number"] > row["number"]
        row = after
    assert row["event"]["receipts"] == {"confirmed": 1, "absorbed": 0, "diverged": 0}
    assert row["event"]["flow"] == {"slug": "touches", "name": "Touches"}


async def test_a_journal_is_followed_from_any_number_without_a_gap(
    hot: World, open_reader: Any, far_side: FarSide
) -> None:
    await bring(hot, "6")
    run = await Run.objects.aget()
    reader = await open_reader(*READS, "read_payloads")
    await reader.ask(subscribe=f"run:{run.id}", after=0)
    await worker.drain()
    last = await RunEvent.objects.acount()
    assert await reader.numbers(last) == list(range(1, last + 1))
    # Somebody who was away asks for the rest.
    await reader.ask(subscribe=f"run:{run.id}", after=last - 2)
    assert await reader.numbers(2) == [last - 1, last]


async def test_a_message_lost_on_the_way_is_made_good_by_the_next(
    hot: World, open_reader: Any
) -> None:
    [run] = await sync_to_async(make_runs)(hot, [{"next_seq": 1}])
    reader = await open_reader(*READS, "read_payloads")
    await reader.ask(subscribe=f"run:{run.id}", after=0)
    for seq in (1, 2, 3):
        await RunEvent.objects.acreate(run=run, seq=seq, type="step_skipped", at=DAY)
    announcer().journals_moved({run.id: 3})  # the first two were never announced
    assert await reader.numbers(3) == [1, 2, 3]


async def test_payloads_are_for_those_who_may_read_them(hot: World, open_reader: Any) -> None:
    [run] = await sync_to_async(make_runs)(hot, [{}])
    secret = {"output": {"name": "Nora Vale"}, "ms": 3, "attempt": 1}
    await RunEvent.objects.acreate(
        run=run, seq=1, type="attempt_succeeded", node="look", at=DAY, data=secret
    )
    allowed = await open_reader(*READS, "read_payloads", username="allowed")
    masked = await open_reader(*READS, username="masked")
    for reader in (allowed, masked):
        await reader.ask(subscribe=f"run:{run.id}", after=0)
    assert "Nora Vale" in str(await allowed.next())
    message = await masked.next()
    assert message["event"]["type"] == "attempt_succeeded"
    assert "Nora Vale" not in str(message)


async def test_without_permission_a_topic_does_not_exist(hot: World, open_reader: Any) -> None:
    [run] = await sync_to_async(make_runs)(hot, [{}])
    other = await sync_to_async(make_world)("other")
    stranger = await open_reader(*READS, world=other, username="stranger")
    await stranger.ask(subscribe=f"run:{run.id}", after=0)
    assert (await stranger.next())["problem"]["status"] == 404
    member = await open_reader("read_flows", username="member")
    await member.ask(subscribe="runs:demo")
    assert (await member.next())["problem"]["status"] == 403
    await member.ask(subscribe=f"run:{run.id}")
    assert (await member.next())["problem"]["status"] == 404


async def test_of_two_environments_of_one_name_each_reader_follows_their_own(
    hot: World, open_reader: Any
) -> None:
    other = await sync_to_async(make_world)("other")
    stranger = await open_reader(*READS, world=other, username="stranger")
    await stranger.ask(subscribe="runs:demo")
    await asyncio.sleep(0.3)
    await bring(hot, "6")
    await bring(other, "7")
    message = await stranger.next()
    assert message["event"]["business_key"] == "KEY7"
    assert await stranger.silent()


async def test_a_revoked_permission_ends_the_topic(hot: World, open_reader: Any) -> None:
    reader = await open_reader(*READS)
    await reader.ask(subscribe="runs:demo")
    await bring(hot, "6")
    await reader.next()
    user = await User.objects.aget(username="reader")
    await sync_to_async(remove_perm)("read_runs", user, hot.workspace)
    await bring(hot, "7")
    message = await reader.next()
    assert message["problem"]["status"] == 403
    await bring(hot, "8")
    assert await reader.silent()


async def test_signing_out_closes_the_socket(
    hot: World, open_reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "_TRUST", 0.0)
    reader = await open_reader(*READS)
    await reader.ask(subscribe="runs:demo")
    await asyncio.sleep(0.3)
    await Session.objects.all().adelete()
    await bring(hot, "6")
    assert (await reader.output())["code"] == 4401


async def test_nobody_gets_nothing(hot: World) -> None:
    reader = Reader("nothing=here")
    await reader.connect()
    assert (await reader.output())["code"] == 4401


async def test_a_page_of_somebody_else_may_not_open_the_socket(hot: World) -> None:
    cookie = await sync_to_async(cookie_of)(hot, *READS)
    assert not await Reader(cookie, origin="https://evil.example").connect()


async def test_a_topic_that_was_left_is_silent(hot: World, open_reader: Any) -> None:
    reader = await open_reader(*READS)
    await reader.ask(subscribe="runs:demo")
    await reader.ask(unsubscribe="runs:demo")
    await bring(hot, "6")
    assert await reader.silent()


async def test_a_reader_who_was_away_gets_the_rows_that_changed(
    hot: World, open_reader: Any
) -> None:
    await sync_to_async(make_runs)(hot, [{"revision": n, "state": "dead"} for n in (501, 502, 900)])
    reader = await open_reader(*READS)
    await reader.ask(subscribe="runs:demo", after=800)
    assert [(await reader.next())["event"]["revision"]] == [900]


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ({"subscribe": "secrets:all"}, 404),
        ({"subscribe": 7}, 404),
        ({"subscribe": "run:none"}, 404),
        ({"subscribe": "runs:nowhere"}, 404),
        ({"subscribe": "runs:demo", "after": -1}, 422),
        ({"subscribe": "runs:demo", "after": "x"}, 422),
    ],
)
async def test_what_cannot_be_followed_is_told(
    hot: World, open_reader: Any, message: dict[str, Any], status: int
) -> None:
    reader = await open_reader(*READS)
    await reader.ask(**message)
    assert (await reader.next())["problem"]["status"] == status


@pytest.mark.parametrize("text", ["no json", "[]", "7"])
async def test_what_is_no_message_closes_the_socket(
    hot: World, open_reader: Any, text: str
) -> None:
    reader = await open_reader(*READS)
    await reader.say(text)
    assert (await reader.output())["code"] == 4400
