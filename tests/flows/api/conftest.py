"""A small company for the API: two workspaces, a person for each role, and a deployed flow."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from causeway.base.actors import system
from causeway.base.ids import new_id
from causeway.base.models import Environment, Workspace
from connectors.connections.models import Connection
from connectors.connections.service import create_connection
from flows.models import (
    Approval,
    Conflict,
    Deployment,
    Flow,
    FlowVersion,
    Link,
    Receipt,
    Run,
    RunEvent,
    SyncRule,
    TriggerEvent,
    Wait,
)
from flows.services.deployments import deploy
from flows.services.flows import create_flow
from flows.sync.entity import Side
from flows.sync.link import Link as SyncLink
from flows.sync.link import LinkState
from flows.sync.packing import pack
from governance.roles import Role, grant_role
from tests.flows.api.described import check_answer

SECRET = "THEAPIKEYNOBODYMAYSEE00000000001"
HOOK_SECRET = "the-hook-secret-nobody-may-see"
PAYLOAD = "Nora Vale, 16 Main street"
SETUP = system("setup")


def document(slug: str = "orders", **changes: Any) -> dict[str, Any]:
    """The smallest flow that listens to a shop."""
    return {
        "format": 1,
        "slug": slug,
        "name": "Orders",
        "description": "",
        "connections": {"shop": {"connector": "prestashop", "label": "Shop"}},
        "settings": {"lane": {"name": "order", "key": "{{ trigger.entity_id }}"}},
        "nodes": [
            {
                "id": "placed",
                "type": "prestashop.order_event@1",
                "name": "Order placed",
                "connection": "shop",
                "params": {"changes": ["created"]},
            },
            {
                "id": "done",
                "type": "flow.stop@1",
                "name": "Done",
                "params": {"outcome": "seen", "status": "succeeded"},
            },
        ],
        "edges": [{"from": "placed", "port": "out", "to": "done"}],
        **changes,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    workspace: Workspace
    demo: Environment
    test: Environment
    shop: Connection
    flow: Flow
    version: FlowVersion
    deployment: Deployment
    elsewhere: Workspace


@pytest.fixture
def house(db: None) -> House:
    """Workspace `main` with a deployed flow, workspace `other` with nothing but its people."""
    workspace = Workspace.objects.create(slug="main", name="Main")
    elsewhere = Workspace.objects.create(slug="other", name="Other")
    demo, test = (
        Environment.objects.create(workspace=workspace, slug=slug, name=slug.title(), kind=kind)
        for slug, kind in (("demo", "sandbox"), ("test", "test"))
    )
    Environment.objects.create(workspace=elsewhere, slug="theirs", name="Theirs", kind="test")
    shop = create_connection(
        SETUP,
        environment=demo,
        slug="shop",
        name="Shop",
        connector="prestashop",
        settings={"base_url": "https://shop.example"},
        secrets={"api_key": SECRET, "webhook_secret": HOOK_SECRET},
    )
    version = create_flow(SETUP, workspace=workspace, document=document(), note="First")
    deployment, _ = deploy(SETUP, version=version, environment=demo, bindings={"shop": "shop"})
    return House(
        workspace=workspace,
        demo=demo,
        test=test,
        shop=shop,
        flow=version.flow,
        version=version,
        deployment=deployment,
        elsewhere=elsewhere,
    )


AsRole = Callable[[Role], APIClient]


@pytest.fixture
def as_role(house: House) -> AsRole:
    """A client signed in as somebody with one role in `main`."""

    def sign_in(role: Role) -> APIClient:
        user, made = User.objects.get_or_create(username=role.value)
        if made:
            grant_role(SETUP, user=user, workspace=house.workspace, role=role)
        return client_of(user)

    return sign_in


@pytest.fixture
def stranger(house: House) -> APIClient:
    """An administrator of another workspace."""
    user = User.objects.create_user("stranger")
    grant_role(SETUP, user=user, workspace=house.elsewhere, role=Role.ADMINISTRATOR)
    return client_of(user)


@pytest.fixture
def nobody() -> APIClient:
    """Not signed in."""
    return DescribedClient()


class DescribedClient(APIClient):
    """Holds every answer against the API's description."""

    def generic(  # type: ignore[override]  # the stubs' three parents disagree among themselves
        self, method: str, path: str, *args: Any, **kwargs: Any
    ) -> Any:
        answer = super().generic(method, path, *args, **kwargs)
        check_answer(method, str(path), answer)
        return answer


def client_of(user: User) -> APIClient:
    client = DescribedClient()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def make_approval(run: Run, *, waits: bool = True, **changes: Any) -> Approval:
    """A question of the run about what it carries; its id is the run's."""
    until = timezone.now() + timedelta(days=1)
    approval = Approval.objects.create(
        **{
            "id": run.id,
            "workspace_id": run.workspace_id,
            "environment_id": run.environment_id,
            "run": run,
            "node": "ask",
            "title": f"Refund {PAYLOAD}?",
            "message": f"It goes to {PAYLOAD}.",
            "until": until,
            "asked_at": timezone.now(),
            **changes,
        }
    )
    if waits:
        Wait.objects.create(
            run=run,
            node=approval.node,
            path=approval.path,
            kind="approval",
            key="k",
            until=approval.until,
            registered_at=approval.asked_at,
        )
    return approval


def make_link(house: House, id_: UUID, **changes: Any) -> Link:
    """A parked link that a run works on, its conflict and a rule: all with this id."""
    now = timezone.now()
    here = {"workspace": house.workspace, "environment": house.demo}
    base = {Side.LEFT: {"name": PAYLOAD}, Side.RIGHT: {"name": PAYLOAD}}
    link = Link.objects.create(
        **{
            "id": id_,
            **here,
            "flow": house.flow,
            "entity": "customer",
            "left_system": "shop.example",
            "left_id": "6",
            "right_system": "notes",
            "right_id": "A",
            "label": "Six",
            "state": "parked",
            "memory": pack(SyncLink(state=LinkState.PARKED, base=base)),
            "lease_by": "somebody",
            "lease_until": now + timedelta(minutes=1),
            "created_at": now,
            **changes,
        }
    )
    Conflict.objects.create(
        id=id_,
        **here,
        link=link,
        entity="customer",
        kind="fields",
        fields=[
            {
                "field": "name",
                "left": PAYLOAD,
                "right": f"{PAYLOAD}!",
                "left_base": "",
                "right_base": "",
                "winner": "",
                "by": "",
            }
        ],
        digest="d",
        created_at=now,
        changed_at=now,
    )
    SyncRule.objects.create(
        id=id_,
        workspace=house.workspace,
        entity="customer",
        field="phone",
        winner="left",
        created_by=str(SETUP),
        created_at=now,
    )
    return link


def make_run(house: House, *, key: str = "XKBKNABJK", state: str = "succeeded") -> Run:
    """A run with a journal: read at the second attempt, one confirmed write."""
    now = timezone.now()
    event = TriggerEvent.objects.create(
        environment=house.demo,
        connection=house.shop,
        source="hook",
        type="prestashop.order_event@1",
        change="created",
        system="shop.example",
        entity="order",
        entity_id="6",
        version=str(new_id()),
        business_key=key,
        data={"order_id": "6", "customer": PAYLOAD},
        source_time=now,
        accepted_at=now,
    )
    run = Run.objects.create(
        workspace=house.workspace,
        environment=house.demo,
        flow=house.flow,
        version=house.version,
        deployment=house.deployment,
        event=event,
        trigger_node="placed",
        business_key=key,
        state=state,
        lane="order",
        lane_key=f"6-{event.id}",
        source_time=now,
        due_at=now,
        created_at=now,
        started_at=now,
        ended_at=now if state == "succeeded" else None,
    )
    receipt = {
        "system": "shop.example",
        "entity": "order",
        "record_id": "6",
        "action": "created",
        "verdict": "confirmed",
        "fields": [
            {"field": "Name", "sent": PAYLOAD, "read_back": PAYLOAD, "result": "same", "note": ""}
        ],
    }
    failure = {
        "class": "UnavailableError",
        "code": "not_reached",
        "message": "Notes was busy",
        "fix": "",
        "detail": {"received": PAYLOAD},
        "retryable": True,
        "happened": "no",
    }
    journal: list[tuple[str, str, dict[str, Any]]] = [
        ("run_started", "", {"flow": "orders", "version": 1, "trigger_node": "placed"}),
        ("step_succeeded", "placed", {"ports": ["out"], "ms": 0, "output": {"who": PAYLOAD}}),
        ("step_started", "done", {}),
        ("attempt_started", "done", {"attempt": 1, "effect_key": "k"}),
        ("attempt_failed", "done", {"attempt": 1, "error": failure, "retry_at": now.isoformat()}),
        ("attempt_started", "done", {"attempt": 2, "effect_key": "k"}),
        (
            "attempt_succeeded",
            "done",
            {"attempt": 2, "output": {"who": PAYLOAD}, "receipt": receipt, "ms": 12},
        ),
        ("step_succeeded", "done", {"ports": ["out"], "ms": 20}),
        ("run_succeeded", "", {"outcome": "seen"}),
    ]
    RunEvent.objects.bulk_create(
        RunEvent(run=run, seq=seq, type=type_, node=node, path="", at=now, data=data)
        for seq, (type_, node, data) in enumerate(journal, start=1)
    )
    Receipt.objects.create(run=run, node="done", effect_key="k", at=now, **receipt)
    return run


def dead_run(house: House, *, key: str = "XKB", minutes_ago: int = 0) -> Run:
    """A dead letter: its last node `done` never succeeded."""
    run = make_run(house, key=key, state="dead")
    RunEvent.objects.filter(run=run, seq__gte=7).delete()
    RunEvent.objects.create(
        run=run,
        seq=7,
        type="run_dead",
        node="done",
        at=timezone.now(),
        data={"error": {"code": "refused"}, "outcome": ""},
    )
    run.error = {"class": "RejectedError", "code": "refused", "message": "no", "node": "done"}
    run.source_time -= timedelta(minutes=minutes_ago)
    run.ended_at = timezone.now()
    run.save()
    return run
