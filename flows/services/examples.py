"""The example flows, put to work between the two imitated systems. Safe to repeat."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from causeway.base.actors import Actor
from causeway.base.models import Environment, Workspace
from connectors.connections.models import Connection
from connectors.connections.service import (
    check_connection,
    create_connection,
    load_connection,
    update_connection,
)
from flows.models import Flow, FlowVersion
from flows.services.crosswalks import save_crosswalk
from flows.services.deployments import deploy
from flows.services.documents import digest_of
from flows.services.flows import create_flow, latest_version, publish_version
from flows.services.sandbox import place_recorded_order
from flows.services.twins import TWINS, Twin, call_twin, twin_url

ENVIRONMENTS: Final = (
    ("demo", "Demo", Environment.Kind.SANDBOX),
    ("test", "Test", Environment.Kind.TEST),
    ("production", "Production", Environment.Kind.PRODUCTION),
)


def deploy_examples(actor: Actor, *, fixtures: Path | None = None) -> list[FlowVersion]:
    """Workspace, environments, connections to the twins, crosswalks, flows and deployments, as
    the files under `fixtures` say; what is there and right stays untouched.

    Then the twins learn where to deliver, and the shop places its first order. Raises a problem
    when a twin does not answer or a file is not valid.
    """
    folder = fixtures or Path(settings.BASE_DIR) / "fixtures"
    workspace, _ = Workspace.objects.get_or_create(slug="main", defaults={"name": "Main"})
    for slug, name, kind in ENVIRONMENTS:
        Environment.objects.get_or_create(
            workspace=workspace, slug=slug, defaults={"name": name, "kind": kind}
        )
    demo = Environment.objects.select_related("workspace").get(workspace=workspace, slug="demo")
    connections = _connections(actor, demo, folder)
    for path in sorted((folder / "crosswalks").glob("*.json")):
        save_crosswalk(actor, workspace=workspace, **_read(path))
    versions = [
        _flow(actor, workspace, _read(path)) for path in sorted((folder / "flows").glob("*.json"))
    ]
    for version in versions:
        deploy(
            actor,
            version=version,
            environment=demo,
            bindings={slot: slot for slot in version.document["connections"]},
        )
    for twin in TWINS:
        _register_hook(twin, connections[twin])
        check_connection(actor, connections[twin])
    place_recorded_order()
    return versions


def _flow(actor: Actor, workspace: Workspace, document: Mapping[str, Any]) -> FlowVersion:
    flow = Flow.objects.filter(workspace=workspace, slug=document["slug"]).first()
    if flow is None:
        return create_flow(actor, workspace=workspace, document=document, note="Example flow")
    known = set(flow.versions.values_list("digest", flat=True))
    if digest_of(document) in known:
        # What a person published after the example is theirs: it stays.
        return latest_version(flow)
    version, _ = publish_version(actor, flow, document=document, note="Example flow, renewed")
    return version


def _connections(actor: Actor, environment: Environment, folder: Path) -> dict[Twin, Connection]:
    found: dict[Twin, Connection] = {}
    for wanted in _read(folder / "connections" / "demo.json"):
        twin: Twin = wanted["twin"]
        target = {**wanted["settings"], "base_url": twin_url(twin)}
        there = Connection.objects.filter(environment=environment, slug=wanted["slug"]).first()
        if there is None:
            found[twin] = create_connection(
                actor,
                environment=environment,
                slug=wanted["slug"],
                name=wanted["name"],
                connector=wanted["connector"],
                settings=target,
                secrets={
                    **_login(twin, folder, target),
                    "webhook_secret": secrets.token_urlsafe(32),
                },
            )
        elif there.settings.get("base_url") != target["base_url"]:
            # The demo came up on another port.
            moved = {**there.settings, "base_url": target["base_url"]}
            found[twin] = update_connection(actor, there, settings=moved)
        else:
            found[twin] = there
    return found


def _login(twin: Twin, folder: Path, target: Mapping[str, Any]) -> dict[str, str]:
    """What the imitated system of the world accepts: it makes its own keys and passwords."""
    world = _read(folder / "worlds" / "meadow" / f"{twin}.json")
    if twin == "shop":
        return {"api_key": str(world["keys"][0]["key"])}
    users = {one["username"]: one["password"] for one in world["users"]}
    return {"password": str(users[target["username"]])}


def _register_hook(twin: Twin, connection: Connection) -> None:
    secret = load_connection(connection.id).secrets["webhook_secret"]
    url = f"{settings.CAUSEWAY.base_url}/hooks/{connection.hook_token}"
    call_twin(twin, "POST", "/_twin/hooks", {"url": url, "secret": secret, "replace": True})


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
