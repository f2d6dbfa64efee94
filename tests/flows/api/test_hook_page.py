"""What the connection page does with a hook: its secret, a test event, the last deliveries."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from connectors.connections.hook_secret import GRACE, PREVIOUS
from connectors.connections.service import create_connection, load_connection
from connectors.sdk import standard_webhooks
from connectors.sdk.standard_webhooks import sign, verify
from flows.ingress import hooks as ingress_hooks
from flows.ingress.hooks import Hook, check_sender
from flows.models import Delivery, RefusedDelivery, TriggerEvent
from flows.services import connections as rows
from flows.services import hook_checks
from flows.services.deliveries import REMEDIES
from flows.store.days import floor_of
from governance.models import AuditEntry
from governance.roles import Role
from tests.flows.api.conftest import (
    HOOK_SECRET,
    PAYLOAD,
    SECRET,
    SETUP,
    AsRole,
    House,
    make_run,
)

ONE = "/api/v1/connections/demo/shop"


@pytest.mark.parametrize("role", list(Role))
def test_who_may_rotate_and_test(role: Role, house: House, as_role: AsRole) -> None:
    if role is Role.ADMINISTRATOR:
        return
    client = as_role(role)
    assert client.post(f"{ONE}/hook-secret").status_code == 403
    assert client.post(f"{ONE}/test-event").status_code == 403
    assert load_connection(house.shop.id).secrets["webhook_secret"] == HOOK_SECRET


def test_strangers_and_nobody_reach_nothing(stranger: APIClient, nobody: APIClient) -> None:
    for client, status in ((stranger, 404), (nobody, 401)):
        assert client.post(f"{ONE}/hook-secret").status_code == status
        assert client.post(f"{ONE}/test-event").status_code == status
        assert client.get(f"{ONE}/deliveries").status_code == status


def proof(house: House, secret: str) -> str:
    """What the ingress says to a delivery signed with `secret`."""
    hook = Hook(
        connection_id=house.shop.id,
        environment_id=house.demo.id,
        config=load_connection(house.shop.id),
    )
    now = timezone.now()
    headers = sign(secret=secret, message_id="m1", timestamp=now, body=b"{}")
    return check_sender(hook, headers, b"{}", now=now)


def test_a_rotated_secret_is_shown_once_and_the_old_one_signs_for_a_day(
    house: House, as_role: AsRole
) -> None:
    client = as_role(Role.ADMINISTRATOR)
    answer = client.post(f"{ONE}/hook-secret").json()
    assert answer["secret"].startswith("whsec_")
    assert answer["old_until"] is not None
    assert proof(house, answer["secret"]) == proof(house, HOOK_SECRET) == "m1"
    [row] = client.get("/api/v1/connections", {"environment": "demo"}).json()["results"]
    assert answer["secret"] not in str(row)
    assert PREVIOUS not in row["secrets"]
    house.shop.credentials.filter(name=PREVIOUS).update(
        changed_at=timezone.now() - GRACE - timedelta(minutes=1)
    )
    with pytest.raises(Exception, match="signature does not match"):
        proof(house, HOOK_SECRET)
    entry = AuditEntry.objects.get(verb="secret_rotated")
    assert answer["secret"] not in str(entry.detail)


def test_a_leaked_secret_is_worth_nothing_at_once(house: House, as_role: AsRole) -> None:
    client = as_role(Role.ADMINISTRATOR)
    client.post(f"{ONE}/hook-secret")
    answer = client.post(f"{ONE}/hook-secret", {"keep_old": False}).json()
    assert answer["old_until"] is None
    assert set(load_connection(house.shop.id).secrets) == {"api_key", "webhook_secret"}
    with pytest.raises(Exception, match="signature does not match"):
        proof(house, HOOK_SECRET)


def test_a_typed_secret_ends_the_one_before(house: House, as_role: AsRole) -> None:
    client = as_role(Role.ADMINISTRATOR)
    client.post(f"{ONE}/hook-secret")
    client.patch(ONE, {"secrets": {"webhook_secret": "typed-by-a-person"}})
    assert PREVIOUS not in load_connection(house.shop.id).secrets


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it gets and answers with the status that it is told."""

    got: list[tuple[str, dict[str, str], bytes]]
    status = 202
    body = b"{}"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def front(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Receiver]]:
    """A server at the installation's public address."""
    handler = type("Here", (Receiver,), {"got": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address(monkeypatch, f"http://127.0.0.1:{server.server_port}")
    yield handler
    server.shutdown()
    server.server_close()


def address(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    class Settings:
        class CAUSEWAY:
            base_url = url

    monkeypatch.setattr(hook_checks, "settings", Settings)
    monkeypatch.setattr(rows, "settings", Settings)


def test_a_test_event_goes_signed_to_the_public_address(
    house: House, as_role: AsRole, front: type[Receiver]
) -> None:
    answer = as_role(Role.ADMINISTRATOR).post(f"{ONE}/test-event").json()
    assert (answer["arrived"], answer["status"], answer["message"]) == (True, 202, "")
    [(path, headers, body)] = front.got
    assert path == f"/hooks/{house.shop.hook_token}"
    sent = verify(secrets=HOOK_SECRET, headers=headers, body=body, now=timezone.now())
    assert sent == answer["delivery_id"]
    assert AuditEntry.objects.get(verb="test_event_sent").detail["arrived"] is True


def test_what_refuses_a_test_event_is_told(as_role: AsRole, front: type[Receiver]) -> None:
    front.status, front.body = 401, b'{"detail": "The delivery is too old."}'
    answer = as_role(Role.ADMINISTRATOR).post(f"{ONE}/test-event").json()
    assert (answer["arrived"], answer["message"]) == (False, "The delivery is too old.")
    front.status, front.body = 404, b"<html>nginx</html>"
    answer = as_role(Role.ADMINISTRATOR).post(f"{ONE}/test-event").json()
    assert "something else answers" in answer["message"]


def test_an_address_where_nobody_answers_is_told(
    as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    address(monkeypatch, "http://127.0.0.1:9")
    answer = as_role(Role.ADMINISTRATOR).post(f"{ONE}/test-event").json()
    assert (answer["arrived"], answer["status"]) == (False, None)
    assert "CAUSEWAY_BASE_URL" in answer["message"]


def test_without_a_secret_there_is_nothing_to_test(as_role: AsRole) -> None:
    client = as_role(Role.ADMINISTRATOR)
    client.patch(ONE, {"secrets": {"webhook_secret": None}})
    answer = client.post(f"{ONE}/test-event")
    assert (answer.status_code, answer.json()["code"]) == (409, "hook_without_secret")


def test_the_last_deliveries_name_their_runs_and_no_contents(house: House, as_role: AsRole) -> None:
    run = make_run(house)
    now = timezone.now()
    event = TriggerEvent.objects.get()
    for delivery_id, what, age in (
        ("a", event, 2),
        ("test_b", None, 1),
        ("old", None, 60 * 24 * 8),
    ):
        moment = now - timedelta(minutes=age)
        Delivery.objects.create(
            id=floor_of(moment),
            connection=house.shop,
            delivery_id=delivery_id,
            event=what,
            received_at=moment,
        )
    answer = as_role(Role.VIEWER).get(f"{ONE}/deliveries")
    test, first, old = answer.json()["results"]
    assert (test["delivery_id"], test["test"], test["type"]) == ("test_b", True, None)
    assert (first["entity_id"], first["run_ids"]) == ("6", [str(run.id)])
    assert (old["delivery_id"], old["refused"]) == ("old", None)
    assert PAYLOAD not in answer.content.decode()


def delivered(*, connection: Any, ids: range, now: Any) -> None:
    Delivery.objects.bulk_create(
        Delivery(
            id=floor_of(now - timedelta(seconds=number)),
            connection=connection,
            delivery_id=f"d{number}",
            received_at=now - timedelta(seconds=number),
        )
        for number in ids
    )


def test_deliveries_page_through_all_that_is_kept_whatever_others_get(
    house: House, as_role: AsRole
) -> None:
    now = timezone.now()
    # Another connection's thousands in front of it hide nothing.
    busy = create_connection(
        SETUP,
        environment=house.demo,
        slug="busy",
        name="Busy",
        connector="prestashop",
        settings={"base_url": "https://busy.example"},
        secrets={"api_key": SECRET},
    )
    delivered(connection=busy, ids=range(6_000), now=now)
    delivered(connection=house.shop, ids=range(7_000, 7_005), now=now)
    RefusedDelivery.objects.create(
        id=floor_of(now - timedelta(seconds=7_002.5)),
        connection=house.shop,
        code="bad_signature",
        detail="The signature does not match the secret.",
        count=3,
        received_at=now,
    )
    client = as_role(Role.VIEWER)
    seen: list[Any] = []
    cursor = ""
    for _ in range(4):
        answer = client.get(f"{ONE}/deliveries", {"limit": "2", "cursor": cursor}).json()
        seen += answer["results"]
        cursor = answer["next"]
        if cursor is None:
            break
    assert [one["delivery_id"] for one in seen] == ["d7000", "d7001", "d7002", "", "d7003", "d7004"]
    refused = seen[3]["refused"]
    assert (refused["reason"], refused["count"]) == ("The signature does not match the secret.", 3)
    assert "new webhook secret" in refused["remedy"]
    assert client.get(f"{ONE}/deliveries", {"cursor": "nonsense"}).status_code == 422


def test_every_way_to_be_refused_has_a_remedy() -> None:
    """Whatever code the hooks refuse with, the page knows what to do about it."""
    source = Path(ingress_hooks.__file__).parent
    said = set()
    for file in (*source.glob("*.py"), Path(standard_webhooks.__file__)):
        text = file.read_text(encoding="utf-8")
        said |= set(re.findall(r'Problem\(\s*4\d\d,\s*"(\w+)"', text))
        said |= set(re.findall(r'SignatureError\(\s*"(\w+)"', text))
    said -= {"unknown_hook", "method_not_allowed"}  # of no connection
    assert len(said) > 10
    assert said <= set(REMEDIES)
