"""Senders that wait for what a flow answers."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async

from connectors.sdk.errors import RejectedError
from flows.dispatch import worker
from flows.ingress import answers as module
from flows.ingress.asgi import answers_here
from flows.models import Run
from tests.flows.example import FarSide, document
from tests.flows.ingress.test_asgi import client, news, post, refused, signed
from tests.flows.world import World, deploy

PATIENT = 20


def answering(**params: Any) -> dict[str, Any]:
    """News -> look -> respond -> touch."""
    made = document("answers")
    respond = {"id": "answer", "type": "flow.respond@1", "name": "Answer", "params": params}
    made["nodes"].append(respond)
    made["edges"] = [
        {"from": "news", "port": "out", "to": "look"},
        {"from": "look", "port": "out", "to": "answer"},
        {"from": "answer", "port": "out", "to": "touch"},
    ]
    return made


async def put(hot: World, made: dict[str, Any]) -> None:
    """In place of the world's own flow."""
    await sync_to_async(hot.deployment.listeners.all().delete)()
    await sync_to_async(deploy)(hot.environment, hot.connection, made)


async def carry(number: int = 1) -> None:
    """A worker beside: until so many runs were carried."""
    async with asyncio.timeout(PATIENT):
        while number > 0:
            number -= await worker.drain()
            await asyncio.sleep(0.01)


async def ask(
    hot: World, body: bytes | None = None, *, runs: int = 1, **headers: str
) -> httpx.Response:
    content = news() if body is None else body
    sent = {**signed(content), **{name.replace("_", "-"): one for name, one in headers.items()}}
    answer, _ = await asyncio.gather(post(hot, content, sent), carry(runs))
    return answer


@pytest.fixture(autouse=True)
async def nobody_waits(hot: World) -> Any:
    yield
    await answers_here().close()


async def test_the_sender_gets_what_the_flow_says_and_the_run_goes_on(
    hot: World, far_side: FarSide
) -> None:
    await put(
        hot,
        answering(
            status=201,
            body={"id": "{{ look.id }}", "price": "{{ trigger.data.price }}", "ok": True},
            headers={"Location": "/things/{{ look.id }}"},
        ),
    )
    answer = await ask(hot, news(price=19.9))
    assert answer.status_code == 201
    assert json.loads(answer.text, parse_float=str) == {"id": "6", "price": "19.9", "ok": True}
    assert answer.headers["location"] == "/things/6"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-security-policy"] == "sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    run = await Run.objects.aget()
    assert answer.headers["causeway-run"] == str(run.id)
    assert run.state == "succeeded"
    assert [id_ for id_, _ in far_side.touched] == ["6"]


async def test_the_same_delivery_gets_the_same_answer_without_another_run(hot: World) -> None:
    await put(hot, answering(body="thing {{ look.id }}"))
    first = await ask(hot)
    second = await post(hot, news())
    assert (first.status_code, first.text) == (200, "thing 6")
    assert (second.status_code, second.text) == (200, "thing 6")
    assert first.headers["content-type"] == "text/plain; charset=utf-8"
    assert await Run.objects.acount() == 1


@pytest.mark.parametrize(
    ("body", "sent"),
    [(None, b""), ("", b""), ([1, "a"], b'[1,"a"]'), (0, b"0"), (False, b"false")],
)
async def test_every_body_can_be_sent(hot: World, body: Any, sent: bytes) -> None:
    await put(hot, answering() if body is None else answering(body=body))
    answer = await ask(hot)
    assert answer.status_code == 200
    assert answer.content == sent


async def test_a_flow_may_say_the_type_of_its_text(hot: World) -> None:
    await put(hot, answering(body="<b>6</b>", headers={"Content-Type": "text/html"}))
    answer = await ask(hot)
    assert answer.headers["content-type"] == "text/html"
    assert answer.headers["content-security-policy"] == "sandbox"


@pytest.mark.parametrize("prefer", ["respond-async", "wait=0"])
async def test_who_does_not_want_to_wait_hears_that_it_is_committed(
    hot: World, prefer: str
) -> None:
    await put(hot, answering(body="late"))
    body = news()
    answer = await post(hot, body, {**signed(body), "prefer": prefer})
    assert answer.status_code == 202
    assert answer.json()["run_ids"]


async def test_when_time_is_over_the_delivery_is_committed_all_the_same(hot: World) -> None:
    await put(hot, answering(body="late"))
    body = news()
    began = time.monotonic()
    answer = await post(hot, body, {**signed(body), "prefer": "wait=1"})
    assert 0.9 < time.monotonic() - began < 5
    assert answer.status_code == 202
    run = await Run.objects.aget()
    assert answer.json()["run_ids"] == [str(run.id)]
    assert run.state == "pending"


async def test_a_run_that_dies_first_is_told_with_its_name(hot: World, far_side: FarSide) -> None:
    async def refuse(params: Mapping[str, Any]) -> None:
        raise RejectedError("No.", code="not_wanted")

    made = answering(body="never")
    made["edges"] = [
        {"from": "news", "port": "out", "to": "look"},
        {"from": "look", "port": "out", "to": "touch"},
        {"from": "touch", "port": "out", "to": "answer"},
    ]
    far_side.behave = refuse
    await put(hot, made)
    answer = await ask(hot)
    refused(answer, 502, "run_failed")
    run = await Run.objects.aget()
    assert run.state == "dead"
    assert str(run.id) in answer.json()["detail"]
    assert "not_wanted" in answer.json()["detail"]


async def test_a_run_that_ends_without_answering_leaves_the_usual_answer(hot: World) -> None:
    made = answering(body="never")
    made["nodes"].append(
        {
            "id": "only",
            "type": "flow.filter@1",
            "name": "Only",
            "params": {"condition": "{{ trigger.entity_id == 'another' }}"},
        }
    )
    made["edges"] = [
        {"from": "news", "port": "out", "to": "look"},
        {"from": "look", "port": "out", "to": "only"},
        {"from": "only", "port": "out", "to": "answer"},
        {"from": "answer", "port": "out", "to": "touch"},
    ]
    await put(hot, made)
    answer = await ask(hot)
    assert answer.status_code == 202
    assert (await Run.objects.aget()).state == "succeeded"


async def test_the_sender_of_what_is_superseded_hears_that_it_is_committed(hot: World) -> None:
    made = answering(body="{{ trigger.version }}")
    made["settings"]["lane"]["policy"] = "latest"
    await put(hot, made)
    old, newest = (news("6", str(n), sequence=n) for n in range(2))
    for id_, body in (("old", old), ("new", newest)):
        sent = {**signed(body, id_=id_), "prefer": "respond-async"}
        assert (await post(hot, body, sent)).status_code == 202
    waiting = post(hot, old, signed(old, id_="old"))
    answer, _ = await asyncio.gather(waiting, carry())
    assert answer.status_code == 200
    superseded = await Run.objects.aget(state="cancelled")
    assert answer.json()["run_ids"] == [str(superseded.id)]
    assert (await post(hot, newest, signed(newest, id_="new"))).text == "1"


async def test_of_several_flows_the_one_that_answers_counts(hot: World) -> None:
    await sync_to_async(deploy)(hot.environment, hot.connection, answering(body="here"))
    answer = await ask(hot, runs=2)
    assert answer.text == "here"
    assert await Run.objects.acount() == 2


async def test_many_that_wait_get_each_their_own(hot: World) -> None:
    await put(hot, answering(body="{{ look.id }}"))

    async def one(number: int) -> str:
        body = news(str(number))
        async with client() as http:
            answer = await http.post(
                f"/hooks/{hot.connection.hook_token}",
                content=body,
                headers=signed(body, id_=f"d{number}"),
            )
        return answer.text

    *told, _ = await asyncio.gather(*(one(number) for number in range(60)), carry(60))
    assert told == [str(number) for number in range(60)]


async def test_without_redis_the_answer_is_found_by_looking(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "get_channel_layer", lambda: None)
    await put(hot, answering(body="found"))
    answer = await ask(hot)
    assert answer.text == "found"
