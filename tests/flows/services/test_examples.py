"""The examples, deployed between the two real twins; twice is as good as once."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from django.conf import settings
from django.core.management import CommandError, call_command

from causeway.base.actors import system
from causeway.base.models import Environment, Workspace
from causeway.base.problems import Problem
from connectors.connections.models import Connection
from connectors.connections.service import load_connection
from connectors.notes.twin.app import create_app as notes_app
from connectors.prestashop.twin.app import create_app as shop_app
from flows.models import Crosswalk, Deployment, Flow, FlowVersion, Listener, TriggerEvent
from flows.services import sandbox
from flows.services.examples import deploy_examples
from flows.services.flows import publish_version
from governance.models import AuditEntry

WORLDS = Path(settings.BASE_DIR) / "fixtures" / "worlds" / "meadow"
ACTOR = system("demo")


class Served(threading.Thread):
    """An app behind a real socket."""

    def __init__(self, app: Any) -> None:
        super().__init__(daemon=True)
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))

    def run(self) -> None:
        self.server.run(sockets=[self.socket])

    def stop(self) -> None:
        self.server.should_exit = True
        self.join(timeout=10)
        self.socket.close()


class Demo:
    """The configuration, pointing at the two twins of this test."""

    demo = True
    base_url = "http://127.0.0.1:9"  # nobody listens: deliveries wait

    def __init__(self, real: Any, shop: str, notes: str) -> None:
        self._real = real
        self.shop_twin_url, self.notes_twin_url = shop, notes
        self.egress_allow = tuple(url.removeprefix("http://") for url in (shop, notes))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@pytest.fixture
def demo(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Demo]:
    served = [
        Served(shop_app(world=WORLDS / "shop.json", data=tmp_path / "shop.json")),
        Served(notes_app(world=WORLDS / "notes.json", data=tmp_path / "notes.json")),
    ]
    for one in served:
        one.start()
    config = Demo(settings.CAUSEWAY, served[0].url, served[1].url)
    monkeypatch.setattr(settings, "CAUSEWAY", config)
    yield config
    for one in served:
        one.stop()


def newest_orders(demo: Demo) -> list[str]:
    """The world itself begins with five."""
    state = httpx.get(f"{demo.shop_twin_url}/_twin/state").json()
    return [str(one["id"]) for one in state["orders"]][:2]


def test_everything_stands_after_the_first_start(demo: Demo) -> None:
    versions = deploy_examples(ACTOR)

    assert {one.flow.slug for one in versions} == {
        "orders-to-notes",
        "status-to-shop",
        "stock-to-shop",
    }
    kinds = dict(Environment.objects.values_list("slug", "kind"))
    assert kinds == {"demo": "sandbox", "test": "test", "production": "production"}
    connections = {one.slug: one for one in Connection.objects.all()}
    assert {one.state for one in connections.values()} == {"healthy"}, [
        one.state_message for one in connections.values()
    ]
    assert all(one.is_twin for one in connections.values())
    assert connections["notes"].system == "802579AB00112233"
    assert connections["shop"].system == demo.shop_twin_url.removeprefix("http://")
    assert Deployment.objects.filter(retired_at__isnull=True).count() == 3
    assert Listener.objects.count() == 3
    assert Crosswalk.objects.get().entries.count() == 13
    assert newest_orders(demo) == ["6", "5"]


def test_the_twins_know_where_to_deliver(demo: Demo) -> None:
    deploy_examples(ACTOR)
    shop = Connection.objects.get(slug="shop")
    hooks = httpx.get(f"{demo.shop_twin_url}/_twin/hooks").json()["hooks"]
    assert [one["url"] for one in hooks] == [f"{demo.base_url}/hooks/{shop.hook_token}"]
    notes = Connection.objects.get(slug="notes")
    hook = httpx.get(f"{demo.notes_twin_url}/_twin/hooks").json()
    assert hook["url"] == f"{demo.base_url}/hooks/{notes.hook_token}"


def test_the_second_start_changes_nothing(demo: Demo) -> None:
    deploy_examples(ACTOR)
    before = secrets_of()
    acts = AuditEntry.objects.exclude(verb="checked").count()
    deploy_examples(ACTOR)
    assert secrets_of() == before
    assert FlowVersion.objects.count() == 3
    assert Deployment.objects.count() == 3
    assert AuditEntry.objects.exclude(verb="checked").count() == acts
    assert newest_orders(demo) == ["6", "5"]


def secrets_of() -> dict[str, Any]:
    return {
        one.slug: (dict(load_connection(one.id).secrets), one.hook_token)
        for one in Connection.objects.all()
    }


def test_what_a_person_published_stays(demo: Demo) -> None:
    deploy_examples(ACTOR)
    flow = Flow.objects.get(slug="stock-to-shop")
    document = dict(flow.versions.get().document)
    document["name"] = "Stock, our way"
    mine, _ = publish_version(ACTOR, flow, document=document)
    deploy_examples(ACTOR)
    assert flow.versions.count() == 2
    assert Deployment.objects.get(flow=flow, retired_at__isnull=True).version == mine


def test_a_changed_example_is_published_and_deployed(demo: Demo, tmp_path: Path) -> None:
    deploy_examples(ACTOR)
    real = Path(settings.BASE_DIR) / "fixtures"
    for name in ("connections", "crosswalks", "worlds"):
        (tmp_path / name).symlink_to(real / name)
    (tmp_path / "flows").mkdir()
    document = json.loads((real / "flows" / "stock-to-shop.json").read_text())
    document["description"] = "Renewed."
    (tmp_path / "flows" / "stock-to-shop.json").write_text(json.dumps(document))

    [version] = deploy_examples(ACTOR, fixtures=tmp_path)
    assert version.number == 2
    active = Deployment.objects.get(flow=version.flow, retired_at__isnull=True)
    assert active.version == version


def test_another_port_moves_the_connection(demo: Demo) -> None:
    deploy_examples(ACTOR)
    shop = Connection.objects.get(slug="shop")
    shop.settings = {**shop.settings, "base_url": "http://127.0.0.1:1"}
    shop.system = "127.0.0.1:1"
    shop.save()
    deploy_examples(ACTOR)
    shop.refresh_from_db()
    assert shop.settings["base_url"] == demo.shop_twin_url
    assert (shop.system, shop.state) == (demo.shop_twin_url.removeprefix("http://"), "healthy")


def test_a_reset_lets_the_first_order_cross_again(demo: Demo) -> None:
    deploy_examples(ACTOR)
    shop = Connection.objects.get(slug="shop")
    known = TriggerEvent.objects.create(
        environment=shop.environment,
        connection=shop,
        source="hook",
        type="prestashop.order_event@1",
        change="created",
        system=shop.system,
        entity="order",
        entity_id="6",
        version="created",
        data={},
        source_time=shop.created_at,
        accepted_at=shop.created_at,
    )
    workspace = Workspace.objects.get()
    state = sandbox.reset(ACTOR, workspace)
    known.refresh_from_db()
    assert known.version.startswith("created/before-")
    assert newest_orders(demo) == ["6", "5"]
    assert "faults" in state["shop"]
    assert "faults" in state["notes"]


def test_a_twin_that_is_away_is_told_in_a_sentence(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "shop_twin_url", "http://127.0.0.1:9")
    with pytest.raises(Problem, match="does not answer"):
        deploy_examples(ACTOR)


def test_the_command_says_what_it_did(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("deploy_examples")
    assert "Orders to Notes v1 is deployed in Demo." in capsys.readouterr().out


def test_the_command_is_for_demos_only(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "demo", False)
    with pytest.raises(CommandError, match="not a demo"):
        call_command("deploy_examples")
    assert not Workspace.objects.exists()
