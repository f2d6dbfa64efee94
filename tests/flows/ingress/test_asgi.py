import asyncio
import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils import timezone

from connectors.connections.models import Connection
from flows.dispatch import accepting
from flows.ingress import app
from flows.ingress import refusals as refusals_module
from flows.ingress.asgi import hooks
from flows.ingress.refusals import refusals_here
from flows.models import Delivery, Deployment, RefusedDelivery, Run, TriggerEvent
from flows.store import pool
from flows.store.refusals import KEPT, add_refusals
from tests.flows.example import document, event
from tests.flows.world import DAY, SECRET, World, deploy, deploy_instead

AT = "2026-11-23T10:21:30+00:00"
MORE_AT_ONCE = 50


def news(id_: str = "6", version: str = "1", **more: Any) -> bytes:
    return json.dumps({"id": id_, "version": version, "at": AT, **more}).encode()


def signed(body: bytes, *, secret: str = SECRET, id_: str = "d1", age: int = 0) -> dict[str, str]:
    """Standard Webhooks headers, computed without the product's code."""
    stamp = str(int(time.time()) - age)
    mac = hmac.new(secret.encode(), f"{id_}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": id_,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=True),
        base_url="http://causeway.test",
    )


async def post(
    hot: World, body: bytes, headers: dict[str, str] | None = None, *, token: str = ""
) -> httpx.Response:
    async with client() as http:
        return await http.post(
            f"/hooks/{token or hot.connection.hook_token}",
            content=body,
            headers=signed(body) if headers is None else headers,
        )


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["title"]


async def nothing_stored() -> bool:
    return not (
        await TriggerEvent.objects.aexists()
        or await Run.objects.aexists()
        or await Delivery.objects.aexists()
    )


async def test_accepted_means_committed(hot: World) -> None:
    body = news(price=19.9)
    answer = await post(hot, body)
    assert answer.status_code == 202
    assert answer.headers["content-type"] == "application/json"
    # Another database session sees all of it.
    run = await Run.objects.select_related("event").aget()
    assert answer.json() == {
        "event_id": str(run.event_id),
        "run_ids": [str(run.id)],
        "delivery_id": "d1",
    }
    assert (run.state, run.lane, run.lane_key) == ("pending", "thing", "6")
    assert (run.business_key, run.trigger_node) == ("KEY6", "news")
    assert str(run.event.data["price"]) == "19.9"
    assert run.source_time.isoformat() == AT
    assert run.revision > 0
    delivery = await Delivery.objects.aget()
    assert (delivery.delivery_id, delivery.event_id) == ("d1", run.event_id)


async def test_a_repeated_delivery_gets_the_same_runs(hot: World) -> None:
    first = await post(hot, news())
    second = await post(hot, news())
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json() == second.json()


async def test_the_same_state_in_another_delivery_is_no_news(hot: World) -> None:
    first = await post(hot, news())
    body = news()
    second = await post(hot, body, signed(body, id_="d2"))
    assert second.status_code == 200
    assert second.json() == {**first.json(), "delivery_id": "d2"}
    assert await Delivery.objects.filter(event__isnull=False).acount() == 2


async def test_another_version_of_the_record_is_news(hot: World) -> None:
    await post(hot, news())
    body = news(version="2")
    assert (await post(hot, body, signed(body, id_="d2"))).status_code == 202
    assert await Run.objects.acount() == 2


async def test_many_same_deliveries_at_once_make_one_event(hot: World) -> None:
    body = news()
    headers = signed(body)
    answers = await asyncio.gather(*(post(hot, body, headers) for _ in range(MORE_AT_ONCE)))
    assert sorted({one.status_code for one in answers}) == [200, 202]
    assert [one.status_code for one in answers].count(202) == 1
    assert len({one.text for one in answers}) == 1
    assert await TriggerEvent.objects.acount() == await Run.objects.acount() == 1


async def test_the_same_news_in_many_deliveries_at_once_makes_one_event(hot: World) -> None:
    body = news()
    answers = await asyncio.gather(
        *(post(hot, body, signed(body, id_=f"d{n}")) for n in range(MORE_AT_ONCE))
    )
    assert [one.status_code for one in answers].count(202) == 1
    assert len({one.json()["event_id"] for one in answers}) == 1
    assert await TriggerEvent.objects.acount() == await Run.objects.acount() == 1
    assert await Delivery.objects.acount() == MORE_AT_ONCE


async def test_transactions_that_bring_the_same_news_meet_without_harm(hot: World) -> None:
    """Two web processes: each has a transaction of its own."""
    arrivals = [
        accepting.Arrival(
            environment_id=hot.environment.id,
            connection_id=hot.connection.id,
            source="hook",
            system="there",
            events=[event(str(n), at=DAY)],
            delivery_id=f"d{n}",
        )
        for n in range(20)
    ]
    batches = await asyncio.gather(
        accepting._commit(arrivals),
        accepting._commit(list(reversed(arrivals))),
        accepting._commit(arrivals[5:] + arrivals[:5]),
    )
    fresh = [one.fresh for batch in batches for one in batch if not isinstance(one, Exception)]
    assert (len(fresh), sum(fresh)) == (60, 20)
    assert await Run.objects.acount() == 20


async def test_several_events_of_a_delivery_are_stored_together(hot: World) -> None:
    body = json.dumps({"ids": ["1", "2", "3"], "version": "1", "at": AT}).encode()
    answer = await post(hot, body)
    assert answer.status_code == 202
    assert len(answer.json()["run_ids"]) == 3
    assert await TriggerEvent.objects.acount() == 3


async def test_every_listening_flow_gets_a_run(hot: World) -> None:
    both = sync_to_async(deploy)
    await both(hot.environment, hot.connection, document("second"))
    await both(hot.environment, hot.connection, document("only-nine", ids=["9"]))
    answer = await post(hot, news())
    assert len(answer.json()["run_ids"]) == 2
    flows = {one.flow.slug async for one in Run.objects.select_related("flow")}
    assert flows == {"touches", "second"}


async def test_news_that_nobody_wants_is_remembered_as_delivered(hot: World) -> None:
    await Deployment.objects.all().aupdate(retired_at="2026-11-23T00:00:00Z")
    first = await post(hot, news())
    assert first.status_code == 202
    assert first.json() == {"event_id": None, "run_ids": [], "delivery_id": "d1"}
    assert (await post(hot, news())).status_code == 200
    assert (await Delivery.objects.aget()).event_id is None
    assert not await TriggerEvent.objects.aexists()


async def test_a_flow_whose_lane_has_no_value_gets_the_news_all_the_same(hot: World) -> None:
    broken = document("broken")
    broken["settings"]["lane"]["key"] = "{{ trigger.data.nowhere }}"
    await sync_to_async(deploy)(hot.environment, hot.connection, broken)
    answer = await post(hot, news())
    assert len(answer.json()["run_ids"]) == 2
    run = await Run.objects.aget(flow__slug="broken")
    assert (run.lane, run.lane_key) == (f"flow-{run.flow_id}", "6")


async def test_other_methods_are_refused(hot: World) -> None:
    async with client() as http:
        answer = await http.get(f"/hooks/{hot.connection.hook_token}")
    refused(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("token", ["nobody-has-this-token", "short", "a/b", "%00" * 10, "x" * 99])
async def test_an_unknown_address_is_not_found(hot: World, token: str) -> None:
    refused(await post(hot, news(), token=token), 404, "unknown_hook")


async def test_an_unsigned_delivery_is_refused(hot: World) -> None:
    refused(await post(hot, news(), {}), 401, "missing_header")
    assert await nothing_stored()


async def test_a_forged_delivery_is_refused(hot: World) -> None:
    body = news()
    refused(await post(hot, body, signed(body, secret="guessed")), 401, "bad_signature")
    refused(await post(hot, news("7"), signed(body)), 401, "bad_signature")
    assert await nothing_stored()


async def test_a_stale_delivery_is_refused(hot: World) -> None:
    body = news()
    refused(await post(hot, body, signed(body, age=301)), 401, "outside_window")
    refused(await post(hot, body, signed(body, age=-301)), 401, "outside_window")
    assert await nothing_stored()


async def test_a_connection_without_a_secret_takes_nothing(hot: World) -> None:
    await hot.connection.credentials.all().adelete()
    refused(await post(hot, news()), 401, "hook_without_secret")


async def test_a_shared_secret_counts_only_where_it_is_allowed(hot: World) -> None:
    shared = {"x-causeway-secret": SECRET}
    refused(await post(hot, news(), shared), 401, "shared_secret_not_allowed")
    await Connection.objects.aupdate(settings={"webhook_auth": "shared_secret"})
    hooks.forget()
    refused(await post(hot, news(), {"x-causeway-secret": "guessed"}), 401, "bad_secret")
    assert await nothing_stored()
    first = await post(hot, news(), shared)
    assert first.status_code == 202
    assert first.json()["delivery_id"].startswith("sha256:")
    assert (await post(hot, news(), shared)).status_code == 200


async def test_a_body_that_is_announced_too_large_is_not_read(hot: World) -> None:
    async def never() -> Any:
        raise AssertionError("the body was read")
        yield b""

    length = str(settings.CAUSEWAY.hook_max_bytes + 1)
    async with client() as http:
        answer = await http.post(
            f"/hooks/{hot.connection.hook_token}",
            content=never(),
            headers={"content-length": length},
        )
    refused(answer, 413, "too_large")


async def test_a_body_that_grows_too_large_is_refused(hot: World) -> None:
    async def endless() -> Any:
        for _ in range(settings.CAUSEWAY.hook_max_bytes // 1024 + 2):
            yield b"x" * 1024

    async with client() as http:
        answer = await http.post(f"/hooks/{hot.connection.hook_token}", content=endless())
    refused(answer, 413, "too_large")
    assert await nothing_stored()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<order/>", "not_json"),
        (b"", "not_json"),
        (b'{"id": "6"', "not_json"),
        (b"[1, 2]", "hook_body"),
        (b'{"hello": "world"}', "hook_body"),
        (news(id_="6" * 201), "hook_body"),
        (news(id_="6\x00"), "hook_body"),
    ],
)
async def test_a_body_that_is_no_news_is_refused(hot: World, body: bytes, code: str) -> None:
    refused(await post(hot, body), 400, code)
    assert await nothing_stored()


async def test_a_delivery_id_that_is_too_long_is_refused(hot: World) -> None:
    body = news()
    refused(await post(hot, body, signed(body, id_="d" * 201)), 400, "delivery_id")


async def test_a_full_backlog_asks_to_come_back(hot: World) -> None:
    await Deployment.objects.all().aupdate(backlog_cap=2)
    for n in (1, 2, 3):
        accepting._backlogs._full.clear()  # measured anew, as after a second
        body = news(str(n))
        answer = await post(hot, body, signed(body, id_=f"d{n}"))
        assert answer.status_code == (202 if n < 3 else 429)
    refused(answer, 429, "backlog_full")
    assert int(answer.headers["retry-after"]) > 0
    # Nothing was lost: the same delivery is welcome when there is room.
    assert not await Delivery.objects.filter(delivery_id="d3").aexists()
    await Run.objects.all().aupdate(state="succeeded")
    accepting._backlogs._full.clear()
    body = news("3")
    assert (await post(hot, body, signed(body, id_="d3"))).status_code == 202


async def test_a_full_lane_says_which_key_and_leaves_the_others_alone(hot: World) -> None:
    await sync_to_async(deploy_instead)(hot, cap=2)
    for n in (1, 2, 3):
        body = news("6", str(n))
        answer = await post(hot, body, signed(body, id_=f"d{n}"))
        assert answer.status_code == (202 if n < 3 else 429)
    refused(answer, 429, "lane_backlog_full")
    assert "'thing' has 2 unfinished runs for the key '6'" in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) > 0
    other = news("7")
    assert (await post(hot, other, signed(other, id_="d4"))).status_code == 202
    assert not await Delivery.objects.filter(delivery_id="d3").aexists()
    # A run that waits for something is unfinished too.
    [first, second] = [one async for one in Run.objects.filter(lane_key="6").order_by("id")]
    await Run.objects.filter(pk=first.pk).aupdate(state="waiting")
    assert (await post(hot, body, signed(body, id_="d3"))).status_code == 429
    await Run.objects.filter(pk=second.pk).aupdate(state="dead")
    assert (await post(hot, body, signed(body, id_="d3"))).status_code == 202


async def test_what_arrives_together_does_not_overfill_a_lane(hot: World) -> None:
    await sync_to_async(deploy_instead)(hot, cap=10)
    bodies = [news("6", str(n)) for n in range(MORE_AT_ONCE)]
    answers = await asyncio.gather(
        *(post(hot, body, signed(body, id_=f"d{n}")) for n, body in enumerate(bodies))
    )
    assert sorted(one.status_code for one in answers) == [202] * 10 + [429] * 40
    assert await Run.objects.acount() == await Delivery.objects.acount() == 10


async def test_a_database_that_is_away_is_said_so(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> Any:
        raise psycopg.OperationalError("gone")

    monkeypatch.setattr(accepting, "pool", away)
    answer = await post(hot, news())
    refused(answer, 503, "unavailable")
    assert "gone" not in answer.text
    assert int(answer.headers["retry-after"]) > 0


async def test_a_connection_lost_once_does_not_reach_the_sender(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    async def flaky() -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise psycopg.OperationalError("gone")
        return await pool.pool()

    monkeypatch.setattr(accepting, "pool", flaky)
    assert (await post(hot, news())).status_code == 202


async def test_our_own_failure_shows_nothing_of_itself(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> Any:
        raise RuntimeError("a secret in a traceback")

    monkeypatch.setattr("flows.ingress.asgi.accept", broken)
    answer = await post(hot, news())
    refused(answer, 500, "unexpected")
    assert "secret" not in answer.text


async def test_the_lifespan_starts_and_ends(hot: World) -> None:
    asked = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    answered: list[str] = []

    async def receive() -> dict[str, Any]:
        return next(asked)

    async def send(message: dict[str, Any]) -> None:
        answered.append(message["type"])

    await app({"type": "lifespan"}, receive, send)
    assert answered == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def refusals() -> dict[str, tuple[int, str, int | None]]:
    await refusals_here().flush()
    return {
        one.code: (one.count, one.delivery_id, one.size)
        async for one in RefusedDelivery.objects.all()
    }


async def test_refused_deliveries_are_kept_with_their_reason_and_no_body(hot: World) -> None:
    body = news(secret="what nobody may keep")
    await post(hot, body, signed(body, secret="not-the-secret", id_="forged"))
    await post(hot, body, signed(body, age=3600, id_="late"))
    await post(hot, b"x" * (settings.CAUSEWAY.hook_max_bytes + 1))
    await post(hot, b"no json")
    await post(hot, body, token="a-token-of-nobody-at-all")
    found = await refusals()
    assert found["bad_signature"] == (1, "forged", len(body))
    assert found["outside_window"][1] == "late"
    assert found["too_large"][2] == settings.CAUSEWAY.hook_max_bytes + 1
    assert set(found) == {"bad_signature", "outside_window", "too_large", "not_json"}
    rows = [str(one) async for one in RefusedDelivery.objects.values()]
    assert "what nobody may keep" not in "".join(rows)
    assert await Delivery.objects.acount() == 0


async def test_a_flood_of_refusals_is_one_row_and_few_writes(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = 0
    add = add_refusals

    async def count(told: Any) -> None:
        nonlocal writes
        writes += 1
        await add(told)

    monkeypatch.setattr(refusals_module, "add_refusals", count)
    body = news()
    for _ in range(2):
        for _ in range(60):
            headers = {**signed(body, secret="not-the-secret"), "webhook-id": "i\x07d" * 200}
            await post(hot, body, headers)
        await refusals_here().flush()
    [(code, (times, id_, _))] = (await refusals()).items()
    assert (code, times, writes) == ("bad_signature", 120, 2)
    assert len(id_) == 200
    assert id_.isprintable()


async def test_of_refusals_only_the_newest_are_kept(hot: World) -> None:
    now = timezone.now()
    for number in range(KEPT + 20):
        await RefusedDelivery.objects.acreate(
            connection=hot.connection,
            code="bad_signature",
            detail=str(number),
            received_at=now - timedelta(hours=1),
        )
    await post(hot, news(), {})
    await refusals_here().flush()
    assert await RefusedDelivery.objects.acount() == KEPT
    newest = await RefusedDelivery.objects.order_by("-id").afirst()
    assert newest is not None
    assert newest.code == "missing_header"
