"""A connector for tests and benchmarks: its far side is a list in memory."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.catalog import Catalog
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.connector import CheckResult, Connector
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult
from connectors.sdk.receipt import FieldReceipt, FieldResult, Receipt
from connectors.sdk.trigger import PollPage, SourceEvent, Trigger

OBJECT: dict[str, Any] = {"type": "object", "properties": {}}
NEWS = "example.news@1"


def _operation(name: str, effect: str, **more: Any) -> dict[str, Any]:
    return {
        "name": f"example.{name}",
        "version": 1,
        "title": name,
        "summary": f"Does {name}.",
        "icon": "dot",
        "effect": effect,
        "idempotent": effect == "read",
        "probe": effect == "write",
        "entity": "thing",
        "ports": ["out"],
        "input": {"type": "object", "properties": {"id": {"type": "string"}}},
        "output": OBJECT,
        **more,
    }


MANIFEST: dict[str, Any] = {
    "id": "example",
    "name": "Example",
    "hue": "logic",
    "icon": "dot",
    "summary": "Keeps a list.",
    "connection": {
        "settings": OBJECT,
        "secrets": {
            "type": "object",
            "properties": {
                "webhook_secret": {"type": "string", "writeOnly": True, "x-secret": True}
            },
        },
    },
    "operations": [
        _operation(
            "look",
            "read",
            bulk={"many": 1},
            input={
                "type": "object",
                "properties": {"id": {"type": "string"}, "many": {"type": "array"}},
            },
        ),
        _operation("touch", "write"),
    ],
    "triggers": [
        {
            "name": "example.news",
            "version": 1,
            "title": "News",
            "summary": "Something happened.",
            "icon": "dot",
            "entity": "thing",
            "modes": ["hook", "poll"],
            "params": OBJECT,
            "output": OBJECT,
        }
    ],
}


class FarSide:
    """What the example's operations reach: `touched` in order; `behave` may raise or wait."""

    def __init__(self) -> None:
        self.touched: list[tuple[str, str]] = []  # (id, effect key)
        self.behave: Any = None
        self.pages: list[PollPage] = []
        self.cursors: list[Mapping[str, Any] | None] = []

    async def look(self, ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
        return OperationResult(output={"id": params["id"], "system": ctx.connection.system})

    async def touch(self, ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
        if self.behave is not None:
            await self.behave(params)
        self.touched.append((params["id"], ctx.effect_key))
        return self._result(ctx, params)

    async def probe(self, ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
        if (params["id"], ctx.effect_key) in self.touched:
            return ProbeResult(happened=True, result=self._result(ctx, params))
        return ProbeResult(happened=False)

    async def poll(self, ctx: OperationContext, cursor: Mapping[str, Any] | None) -> PollPage:
        self.cursors.append(cursor)
        return self.pages.pop(0)

    @staticmethod
    def _result(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
        written = FieldReceipt(field="touched", sent=True, read_back=True, result=FieldResult.SAME)
        receipt = Receipt(
            system=ctx.connection.system,
            entity="thing",
            record_id=params["id"],
            action="updated",
            fields=[written],
        )
        return OperationResult(output={"id": params["id"]}, receipt=receipt)


def event(
    entity_id: str, *, at: datetime, version: str = "1", sequence: int = 0, **data: Any
) -> SourceEvent:
    return SourceEvent(
        type=NEWS,
        change="updated",
        entity="thing",
        entity_id=entity_id,
        version=version,
        occurred_at=at,
        data={"id": entity_id, **data},
        business_key=f"KEY{entity_id}",
        sequence=sequence,
    )


def read_hook(config: ConnectionConfig, body: Mapping[str, Any]) -> Sequence[SourceEvent]:
    try:
        at = datetime.fromisoformat(body["at"])
        extra = {"price": body["price"]} if "price" in body else {}
        return [
            event(id_, at=at, version=body["version"], sequence=body.get("sequence", 0), **extra)
            for id_ in body.get("ids", [body.get("id")])
        ]
    except (KeyError, TypeError) as error:
        raise ValueError(f"This is no news of the example: {error}.") from None


async def _check(ctx: OperationContext) -> CheckResult:
    return CheckResult(ok=True, message="It is there.")


def wanted(params: Mapping[str, Any], event: SourceEvent) -> bool:
    """A trigger node may name the ids that it wants."""
    return not params.get("ids") or event.entity_id in params["ids"]


def make_catalog(far_side: FarSide) -> Catalog:
    return Catalog(
        [
            Connector(
                manifest=MANIFEST,
                check=_check,
                operations=[
                    Operation(name="example.look", version=1, run=far_side.look),
                    Operation(
                        name="example.touch", version=1, run=far_side.touch, probe=far_side.probe
                    ),
                ],
                triggers=[
                    Trigger(name="example.news", version=1, matches=wanted, poll=far_side.poll)
                ],
                read_hook=read_hook,
            )
        ]
    )


def waiting_document(
    slug: str = "waits", *, key: str = "KEY{{ trigger.entity_id }}x", **params: Any
) -> dict[str, Any]:
    """News of 6 -> wait for news of another thing, by default 6x -> touch what that is about."""
    made = document(slug, ids=["6"])
    news, _, touch = made["nodes"]
    touch["params"] = {"id": "{{ wait.data.id }}"}
    wait = {
        "id": "wait",
        "type": "flow.wait_for_event@1",
        "name": "Wait",
        "connection": "there",
        "params": {"event": NEWS, "key": key, "deadline": "PT1H", **params},
    }
    return {
        **made,
        "nodes": [news, wait, touch],
        "edges": [
            {"from": "news", "port": "out", "to": "wait"},
            {"from": "wait", "port": "out", "to": "touch"},
        ],
    }


def document(slug: str = "touches", *, lane: bool = True, **params: Any) -> dict[str, Any]:
    """News -> look -> touch."""
    at_once = {"horizon": "PT1H", "max_attempts": 3}
    return {
        "format": 1,
        "slug": slug,
        "name": slug.title(),
        "description": "",
        "connections": {"there": {"connector": "example", "label": "There"}},
        "settings": {"lane": {"name": "thing", "key": "{{ trigger.entity_id }}"}} if lane else {},
        "nodes": [
            {
                "id": "news",
                "type": NEWS,
                "name": "News",
                "connection": "there",
                "params": params,
            },
            {
                "id": "look",
                "type": "example.look@1",
                "name": "Look",
                "connection": "there",
                "params": {"id": "{{ trigger.entity_id }}"},
            },
            {
                "id": "touch",
                "type": "example.touch@1",
                "name": "Touch",
                "connection": "there",
                "params": {"id": "{{ look.id }}"},
                "policy": {"timeout": "PT5S", "retry": at_once},
            },
        ],
        "edges": [
            {"from": "news", "port": "out", "to": "look"},
            {"from": "look", "port": "out", "to": "touch"},
        ],
    }
