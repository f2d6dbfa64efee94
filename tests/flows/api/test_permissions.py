"""Who may do what: every address with every kind of person.

The addresses come from the URL configuration, so that one which is missing here fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from causeway.base.models import Workspace
from connectors.sdk.connector import CheckResult
from connectors.sdk.operation import OperationContext
from flows.models import BulkReplay
from flows.services import sandbox
from flows.services.crosswalks import save_crosswalk
from flows.services.twins import call_twin
from governance.roles import PERMISSIONS_OF, Role, grant_role
from tests.flows.api.conftest import (
    HOOK_SECRET,
    PAYLOAD,
    SECRET,
    SETUP,
    House,
    document,
    make_approval,
    make_link,
    make_run,
)
from tests.flows.api.test_connections import new, replace_check
from tests.flows.api.test_places import ENTRIES, Demo

EVERYBODY = "everybody"  # also who has not signed in
SIGNED_IN = "signed in"  # tells nothing of any workspace
OWN = "own"  # everybody who is signed in, each what belongs to their workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What an address asks for, and a request that would succeed for who may."""

    needs: str
    path: str = ""
    body: Any = field(default_factory=dict)


RUN = "api/v1/runs/{run}"
BULK_URL = "api/v1/replays/{run}"  # has the id of a run here
APPROVAL = "api/v1/approvals/{run}"  # has the id of its run here
FLOW = "api/v1/flows/orders"
LINK = "api/v1/links/{run}"  # has the id of a run here
CONFLICT = "api/v1/conflicts/{run}"  # has it too
ENDS = {"left": {"system": "shop", "id": "9"}, "right": {"system": "notes", "id": "B"}}
PAIR = {"environment": "demo", "entity": "order", **ENDS}
NO_ID = "01a21fd9-8444-73c3-bb18-ac474bfac3f6"
PAIRS = {
    "environment": "demo",
    "entity": "order",
    "csv": "left_system,left_id,right_system,right_id\nshop,8,notes,C\n",
}
START = {"environment": "demo", "trigger": {"entity_id": "6", "data": {}}}
DEPLOY = {"flow": "orders", "version": 1, "environment": "demo", "bindings": {"shop": "shop"}}
BULK = {"environment": "demo"}
LATER = document(description="another")

# What acts in the actor's own workspace where none is named.
WITHIN = {
    ("post", "api/v1/flows"),
    ("post", "api/v1/mapping/suggest"),
    ("post", "api/v1/mapping/verdicts"),
    ("delete", "api/v1/mapping/verdicts"),
}

RULES: dict[tuple[str, str], Rule] = {
    ("get", "healthz"): Rule(needs=EVERYBODY),
    ("get", "readyz"): Rule(needs=EVERYBODY),
    ("get", "^(?!api/|hooks/|ws/|assets/)"): Rule(needs=EVERYBODY, path="runs"),
    ("get", "approve/<str:token>"): Rule(needs=EVERYBODY, path="approve/nothing"),
    ("get", "api/v1/schema"): Rule(needs=EVERYBODY),
    ("get", "api/v1/session"): Rule(needs=EVERYBODY),
    ("post", "api/v1/session"): Rule(needs=EVERYBODY, body={"username": "", "password": ""}),
    ("delete", "api/v1/session"): Rule(needs=EVERYBODY),
    ("get", "api/v1/catalog"): Rule(needs=SIGNED_IN),
    ("get", "api/v1/catalog/functions"): Rule(needs=SIGNED_IN),
    ("get", "api/v1/home"): Rule(needs="read_runs", path="api/v1/home?environment=demo"),
    ("get", "api/v1/flows"): Rule(needs=OWN),
    ("post", "api/v1/flows"): Rule(
        needs="edit_flows", body={"document": document("more"), "note": ""}
    ),
    ("post", "api/v1/flows/check"): Rule(needs=SIGNED_IN, body={"document": {}}),
    ("get", "api/v1/flows/<slug:slug>"): Rule(needs="read_flows", path=FLOW),
    ("put", "api/v1/flows/<slug:slug>/retention"): Rule(
        needs="deploy_flows", path=f"{FLOW}/retention", body={"keep_days": 30}
    ),
    ("get", "api/v1/flows/<slug:slug>/draft"): Rule(needs="read_flows", path=f"{FLOW}/draft"),
    ("put", "api/v1/flows/<slug:slug>/draft"): Rule(
        needs="edit_flows",
        path=f"{FLOW}/draft",
        body={"document": LATER, "base": 1, "revision": 0},
    ),
    ("delete", "api/v1/flows/<slug:slug>/draft"): Rule(needs="edit_flows", path=f"{FLOW}/draft"),
    ("get", "api/v1/flows/<slug:slug>/versions"): Rule(needs="read_flows", path=f"{FLOW}/versions"),
    ("post", "api/v1/flows/<slug:slug>/versions"): Rule(
        needs="edit_flows", path=f"{FLOW}/versions", body={"document": LATER, "note": ""}
    ),
    ("get", "api/v1/flows/<slug:slug>/versions/<int:number>"): Rule(
        needs="read_flows", path=f"{FLOW}/versions/1"
    ),
    ("post", "api/v1/flows/<slug:slug>/runs"): Rule(
        needs="start_runs", path=f"{FLOW}/runs", body=START
    ),
    ("get", "api/v1/deployments"): Rule(
        needs="read_flows", path="api/v1/deployments?environment=demo"
    ),
    ("post", "api/v1/deployments"): Rule(needs="deploy_flows", body=DEPLOY),
    ("post", "api/v1/flows/<slug:slug>/dry-runs"): Rule(
        needs="start_runs", path=f"{FLOW}/dry-runs", body={"environment": "demo", "last": 1}
    ),
    ("get", "api/v1/runs"): Rule(needs="read_runs", path="api/v1/runs?environment=demo"),
    ("get", "api/v1/runs/<str:run_id>"): Rule(needs="read_runs", path=RUN),
    ("get", "api/v1/runs/<str:run_id>/events"): Rule(needs="read_runs", path=f"{RUN}/events"),
    ("post", "api/v1/runs/<str:run_id>/cancel"): Rule(needs="start_runs", path=f"{RUN}/cancel"),
    ("post", "api/v1/runs/<str:run_id>/replay"): Rule(needs="start_runs", path=f"{RUN}/replay"),
    ("post", "api/v1/runs/<str:run_id>/resolve"): Rule(
        needs="start_runs", path=f"{RUN}/resolve", body={"note": "done"}
    ),
    ("post", "api/v1/runs/<str:run_id>/verdict"): Rule(
        needs="start_runs", path=f"{RUN}/verdict", body={"node": "done", "happened": False}
    ),
    ("get", "api/v1/approvals"): Rule(needs="read_runs", path="api/v1/approvals?environment=demo"),
    ("get", "api/v1/approvals/<str:approval_id>"): Rule(needs="read_runs", path=APPROVAL),
    ("post", "api/v1/approvals/<str:approval_id>/decide"): Rule(
        needs="start_runs", path=f"{APPROVAL}/decide", body={"decision": "approved"}
    ),
    ("get", "api/v1/links"): Rule(needs="read_runs", path="api/v1/links?environment=demo"),
    ("post", "api/v1/links"): Rule(needs="start_runs", body=PAIR),
    ("get", "api/v1/links/pairs"): Rule(
        needs="read_runs", path="api/v1/links/pairs?environment=demo&entity=order"
    ),
    ("post", "api/v1/links/pairs"): Rule(needs="start_runs", body=PAIRS),
    ("get", "api/v1/links/<str:link_id>"): Rule(needs="read_runs", path=LINK),
    ("delete", "api/v1/links/<str:link_id>"): Rule(needs="start_runs", path=LINK),
    ("post", "api/v1/links/<str:link_id>/refresh"): Rule(
        needs="start_runs", path=f"{LINK}/refresh"
    ),
    ("get", "api/v1/conflicts"): Rule(needs="read_runs", path="api/v1/conflicts?environment=demo"),
    ("post", "api/v1/conflicts/decide"): Rule(
        needs="start_runs",
        body={"environment": "demo", "ids": [NO_ID], "choice": "left", "remember": False},
    ),
    ("get", "api/v1/conflicts/<str:conflict_id>"): Rule(needs="read_runs", path=CONFLICT),
    ("post", "api/v1/conflicts/<str:conflict_id>/decide"): Rule(
        needs="start_runs",
        path=f"{CONFLICT}/decide",
        body={"decisions": [{"field": "name", "choice": "left"}]},
    ),
    ("get", "api/v1/sync-rules"): Rule(needs=OWN),
    ("delete", "api/v1/sync-rules/<str:rule_id>"): Rule(
        needs="start_runs", path="api/v1/sync-rules/{run}"
    ),
    ("get", "api/v1/replays"): Rule(needs="read_runs", path="api/v1/replays?environment=demo"),
    ("post", "api/v1/replays"): Rule(needs="start_runs", body=BULK),
    ("get", "api/v1/replays/<str:bulk_id>"): Rule(needs="read_runs", path=BULK_URL),
    ("post", "api/v1/replays/<str:bulk_id>/cancel"): Rule(
        needs="start_runs", path=f"{BULK_URL}/cancel"
    ),
    ("get", "api/v1/connections"): Rule(
        needs="read_connections", path="api/v1/connections?environment=demo"
    ),
    ("post", "api/v1/connections"): Rule(needs="manage_connections", body=new()),
    ("patch", "api/v1/connections/<slug:environment>/<slug:slug>"): Rule(
        needs="manage_connections", path="api/v1/connections/demo/shop", body={"name": "Shop"}
    ),
    ("post", "api/v1/connections/<slug:environment>/<slug:slug>/check"): Rule(
        needs="manage_connections", path="api/v1/connections/demo/shop/check"
    ),
    ("post", "api/v1/connections/<slug:environment>/<slug:slug>/hook-secret"): Rule(
        needs="manage_connections", path="api/v1/connections/demo/shop/hook-secret"
    ),
    ("post", "api/v1/connections/<slug:environment>/<slug:slug>/test-event"): Rule(
        needs="manage_connections", path="api/v1/connections/demo/shop/test-event"
    ),
    ("get", "api/v1/connections/<slug:environment>/<slug:slug>/deliveries"): Rule(
        needs="read_connections", path="api/v1/connections/demo/shop/deliveries"
    ),
    ("get", "api/v1/connections/<slug:environment>/<slug:slug>/load"): Rule(
        needs="read_connections", path="api/v1/connections/demo/shop/load"
    ),
    ("post", "api/v1/mapping/suggest"): Rule(
        needs="edit_flows", body={"source": {"fields": ["PLZ"]}, "target": {"fields": ["zip"]}}
    ),
    ("get", "api/v1/mapping/verdicts"): Rule(needs=OWN),
    ("post", "api/v1/mapping/verdicts"): Rule(
        needs="edit_flows", body={"verdicts": [{"source": "A", "target": "b", "accepted": True}]}
    ),
    ("delete", "api/v1/mapping/verdicts"): Rule(needs="edit_flows"),
    ("get", "api/v1/crosswalks"): Rule(needs=OWN),
    ("get", "api/v1/crosswalks/<slug:slug>"): Rule(
        needs="read_flows", path="api/v1/crosswalks/order-status"
    ),
    ("get", "api/v1/sandbox"): Rule(needs="use_sandbox"),
    ("post", "api/v1/sandbox/reset"): Rule(needs="use_sandbox"),
    ("post", "api/v1/sandbox/shop/orders"): Rule(needs="use_sandbox"),
    ("post", "api/v1/sandbox/notes/documents/<str:unid>"): Rule(
        needs="use_sandbox", path="api/v1/sandbox/notes/documents/AB12"
    ),
    ("post", "api/v1/^sandbox/(?P<twin>shop|notes)/faults$"): Rule(
        needs="use_sandbox", path="api/v1/sandbox/shop/faults"
    ),
}


def addresses(resolver: Any = None, before: str = "") -> Iterator[tuple[str, str]]:
    """Method and pattern of everything that Django serves."""
    for one in (resolver or get_resolver()).url_patterns:
        pattern = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one, pattern)
            continue
        assert isinstance(one, URLPattern)
        view = getattr(one.callback, "view_class", None) or getattr(one.callback, "cls", None)
        if view is None:
            yield "get", pattern
            continue
        for method in ("get", "post", "put", "patch", "delete"):
            if hasattr(view, method):
                yield method, pattern


@pytest.fixture
def run_id(house: House, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run, a crosswalk, twins and far sides that answer."""

    async def fine(context: OperationContext) -> CheckResult:
        return CheckResult(ok=True, message="fine")

    def call(twin: str, method: str, path: str, body: Any = None) -> Any:
        return {"faults": {}}

    replace_check(monkeypatch, fine)
    monkeypatch.setattr(settings, "CAUSEWAY", Demo(settings.CAUSEWAY))
    monkeypatch.setattr(sandbox, "call_twin", call)
    save_crosswalk(
        SETUP,
        workspace=house.workspace,
        slug="order-status",
        name="Order status",
        left_label="Notes",
        right_label="Shop",
        entries=ENTRIES,
    )
    run = make_run(house, state="dead")
    make_approval(run)
    make_link(house, run.id)
    BulkReplay.objects.create(
        id=run.id,
        workspace=house.workspace,
        environment=house.demo,
        created_by=str(SETUP),
        created_at=run.created_at,
        skip_superseded=True,
        total=1,
    )
    return str(run.id)


def member(name: str, role: Role, workspace: Workspace) -> APIClient:
    user, made = User.objects.get_or_create(username=name)
    if made:
        grant_role(SETUP, user=user, workspace=workspace, role=role)
    client = APIClient()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def ask(client: APIClient, method: str, pattern: str, run_id: str) -> Any:
    rule = RULES[(method, pattern)]
    path = "/" + (rule.path or pattern).replace("{run}", run_id)
    send = getattr(client, method)
    return send(path) if method == "get" else send(path, rule.body, format="json")


def test_every_address_has_its_rule() -> None:
    found = set(addresses())
    assert len(found) > 30
    assert found - set(RULES) == set()


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_what_it_was_given_and_nothing_else(
    role: Role, house: House, run_id: str
) -> None:
    for method, pattern in sorted(addresses()):
        needs = RULES[(method, pattern)].needs
        if needs == EVERYBODY:
            continue
        answer = ask(member(role.value, role, house.workspace), method, pattern, run_id)
        may = needs in (SIGNED_IN, OWN) or needs in PERMISSIONS_OF[role]
        where = f"{role} {method} {pattern}: {answer.status_code} {answer.content[:300]!r}"
        if may:
            assert answer.status_code in (200, 201, 202, 204, 409, 422), where
        else:
            assert answer.status_code == 403, where
            assert answer.json()["code"] == "forbidden" or answer.json()["status"] == 403, where


def test_nobody_gets_only_what_is_for_everybody(house: House, run_id: str) -> None:
    for method, pattern in sorted(addresses()):
        answer = ask(APIClient(), method, pattern, run_id)
        if RULES[(method, pattern)].needs == EVERYBODY:
            assert PAYLOAD not in answer.content.decode()
        else:
            assert answer.status_code == 401, f"{method} {pattern}: {answer.status_code}"


def test_an_administrator_of_another_workspace_finds_nothing(house: House, run_id: str) -> None:
    client = member("stranger", Role.ADMINISTRATOR, house.elsewhere)
    for workspace in ("", "main"):
        for method, pattern in sorted(addresses()):
            rule = RULES[(method, pattern)]
            if rule.needs in (EVERYBODY, SIGNED_IN) or "sandbox" in pattern:
                continue
            if (method, pattern) in WITHIN and not workspace:
                continue  # acts in the workspace that is theirs
            path = "/" + (rule.path or pattern).replace("{run}", run_id)
            path += ("&" if "?" in path else "?") + f"workspace={workspace}"
            send = getattr(client, method)
            answer = send(path) if method == "get" else send(path, rule.body, format="json")
            where = f"{method} {path}: {answer.status_code}"
            if rule.needs == OWN and not workspace:
                assert answer.json()["results"] == [], where
            else:
                assert answer.status_code in (404, 422), where
            for secret in (PAYLOAD, SECRET, HOOK_SECRET, str(house.shop.hook_token)):
                assert secret not in answer.content.decode(), where


def test_a_user_without_any_role_finds_nothing(house: House, run_id: str) -> None:
    User.objects.create_user("new")
    client = APIClient()
    client.force_login(
        User.objects.get(username="new"), backend="django.contrib.auth.backends.ModelBackend"
    )
    for method, pattern in sorted(addresses()):
        rule = RULES[(method, pattern)]
        if rule.needs in (EVERYBODY, SIGNED_IN):
            continue
        answer = ask(client, method, pattern, run_id)
        assert answer.status_code in (403, 404), f"{method} {pattern}: {answer.status_code}"


def test_every_answer_carries_the_security_headers(house: House, run_id: str) -> None:
    for client in (APIClient(), member("viewer", Role.VIEWER, house.workspace)):
        for method, pattern in sorted(addresses()):
            answer = ask(client, method, pattern, run_id)
            headers = answer.headers
            assert "default-src 'self'" in headers["Content-Security-Policy"], pattern
            assert "'unsafe-eval'" not in headers["Content-Security-Policy"]
            assert headers["X-Content-Type-Options"] == "nosniff", pattern
            assert headers["X-Frame-Options"] == "DENY", pattern
            assert headers["Referrer-Policy"] == "same-origin", pattern
            assert "Access-Control-Allow-Origin" not in headers, pattern


def test_the_session_cookie_is_out_of_reach_of_scripts(house: House) -> None:
    User.objects.create_user("mara", password="a-long-enough-password")
    client = APIClient()
    answer = client.post(
        "/api/v1/session", {"username": "mara", "password": "a-long-enough-password"}
    )
    cookie = answer.cookies["causeway_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert bool(cookie["secure"]) is settings.SECURE_BASE_URL


def test_a_forwarded_address_does_not_get_round_the_lockout(house: House) -> None:
    User.objects.create_user("mara", password="a-long-enough-password")
    codes = [
        APIClient(headers={"X-Forwarded-For": f"203.0.113.{number}"})
        .post("/api/v1/session", {"username": "mara", "password": "wrong"})
        .status_code
        for number in range(12)
    ]
    assert codes[-1] == 429


def test_an_idempotency_key_of_another_person_gives_nothing_away(house: House) -> None:
    first = member("first", Role.ADMINISTRATOR, house.workspace)
    second = member("second", Role.OPERATOR, house.workspace)
    path, key = "/api/v1/flows/orders/runs", {"Idempotency-Key": "same"}
    mine = first.post(path, START, format="json", headers=key)
    theirs = second.post(path, START, format="json", headers=key)
    assert (mine.status_code, theirs.status_code) == (202, 202)
    assert mine.json()["run_ids"] != theirs.json()["run_ids"]
    assert "Idempotent-Replayed" not in theirs.headers


@pytest.mark.parametrize("unid", ["..", ".", "%2e%2e", "..%2fshop", "%2F%2Fevil.example", "a%3Fb"])
def test_a_document_id_does_not_steer_the_sandbox_elsewhere(
    unid: str, house: House, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[httpx.URL] = []

    def request(method: str, url: str, **kwargs: Any) -> httpx.Response:
        asked.append(httpx.URL(url))
        assert kwargs["follow_redirects"] is False
        return httpx.Response(200, json={})

    monkeypatch.setattr(sandbox, "call_twin", call_twin)
    monkeypatch.setattr(httpx, "request", request)
    client = member("analyst", Role.ANALYST, house.workspace)
    client.post(f"/api/v1/sandbox/notes/documents/{unid}", {"items": {}}, format="json")
    for url in asked:
        assert (url.host, url.port) == ("127.0.0.1", 9)
        assert url.raw_path.startswith(b"/_twin/documents/")
        assert url.raw_path.count(b"/") == 3
        assert not url.query
