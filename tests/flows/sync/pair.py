"""A connector whose far sides are tables in memory, one for each system, and a flow over two."""

import itertools
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.catalog import Catalog
from connectors.sdk.connector import CheckResult, Connector
from connectors.sdk.errors import ConflictError, NotFoundError, RejectedError
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult
from connectors.sdk.trigger import PollPage, SourceEvent, Trigger

NEWS = "pair.news@1"
START = datetime(2026, 11, 1, tzinfo=UTC)
_ANY: dict[str, Any] = {"type": "object", "properties": {}}


def _spec(name: str, effect: str) -> dict[str, Any]:
    return {
        "name": f"pair.{name}",
        "version": 1,
        "title": name,
        "summary": f"Does {name}.",
        "icon": "dot",
        "effect": effect,
        "idempotent": True,
        "probe": effect == "write",
        "entity": "thing",
        "ports": ["out"],
        "input": _ANY,
        "output": _ANY,
    }


MANIFEST: dict[str, Any] = {
    "id": "pair",
    "name": "Pair",
    "hue": "logic",
    "icon": "dot",
    "summary": "Keeps tables.",
    "connection": {"settings": _ANY, "secrets": _ANY},
    "operations": [
        _spec("get", "read"),
        _spec("find", "read"),
        *(_spec(name, "write") for name in ("create", "update", "delete")),
    ],
    "triggers": [
        {
            "name": "pair.news",
            "version": 1,
            "title": "News",
            "summary": "Something happened.",
            "icon": "dot",
            "entity": "thing",
            "modes": ["poll"],
            "params": _ANY,
            "output": _ANY,
        }
    ],
}


class Tables:
    """`rows` by system and id; `news` tells of every write, whoever made it; `behave` is called
    before an operation takes place, `after` when it did: they may raise."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, dict[str, Any]]] = {"a": {}, "b": {}}
        self.news: list[tuple[str, str]] = []
        self.calls: list[tuple[str, str]] = []
        self.writes = 0
        self.behave: Any = None
        self.after: Any = None
        self.keep: Any = lambda system, fields: fields
        self._tick = itertools.count()
        self._ids = itertools.count(100)

    def put(self, system: str, id_: str, **fields: Any) -> None:
        """What a person does."""
        row = self.rows[system].setdefault(id_, {"id": id_})
        self._set(system, row, fields)

    def _set(self, system: str, row: dict[str, Any], fields: Mapping[str, Any]) -> None:
        row.update(deepcopy(dict(fields)))
        moment = START + timedelta(minutes=next(self._tick))
        row["changed"] = moment.isoformat()
        self.news.append((system, row["id"]))

    async def run(
        self, name: str, ctx: OperationContext, params: Mapping[str, Any]
    ) -> OperationResult:
        system = ctx.connection.system
        self.calls.append((name, system))
        if self.behave is not None:
            self.behave(name, system, params)
        output = getattr(self, f"_{name}")(system, params)
        if self.after is not None:
            self.after(name, system, params)
        return OperationResult(output=output)

    def _get(self, system: str, params: Mapping[str, Any]) -> Any:
        return {"row": deepcopy(self.rows[system].get(params["id"]))}

    def _find(self, system: str, params: Mapping[str, Any]) -> Any:
        wanted = params["values"]
        return {
            "rows": [
                deepcopy(row)
                for row in self.rows[system].values()
                if all(row.get(name) == value for name, value in wanted.items())
            ]
        }

    def _create(self, system: str, params: Mapping[str, Any]) -> Any:
        key = params["key"]
        there = next((r for r in self.rows[system].values() if r.get("key") == key), None)
        if there is None:
            id_ = str(next(self._ids))
            there = self.rows[system].setdefault(id_, {"id": id_, "key": key})
            self._set(system, there, self.keep(system, params["fields"]))
            self.writes += 1
        return {"id": there["id"]}

    def _update(self, system: str, params: Mapping[str, Any]) -> Any:
        row = self.rows[system].get(params["id"])
        if row is None:
            raise NotFoundError("It is gone.")
        fields = params["fields"]
        if all(row.get(name) == value for name, value in fields.items()):
            return {}
        if any(row.get(name) != value for name, value in params["expected"].items()):
            raise ConflictError("It was changed meanwhile.")
        if fields.get("name") == "refused":
            raise RejectedError("No such name.")
        self._set(system, row, self.keep(system, fields))
        self.writes += 1
        return {}

    def _delete(self, system: str, params: Mapping[str, Any]) -> Any:
        if self.rows[system].pop(params["id"], None) is None:
            raise NotFoundError("It is gone.")
        self.writes += 1
        self.news.append((system, params["id"]))
        return {}

    async def probe(
        self, name: str, ctx: OperationContext, params: Mapping[str, Any]
    ) -> ProbeResult:
        row = self.rows[ctx.connection.system].get(params.get("id", ""))
        if name == "update" and row is not None:
            same = all(row.get(name) == value for name, value in params["fields"].items())
            if same:
                return ProbeResult(happened=True, result=OperationResult(output={}))
        return ProbeResult(happened=False)


def make_catalog(tables: Tables) -> Catalog:
    def operation(name: str, *, writes: bool) -> Operation:
        async def run(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
            return await tables.run(name, ctx, params)

        async def probe(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
            return await tables.probe(name, ctx, params)

        return Operation(name=f"pair.{name}", version=1, run=run, probe=probe if writes else None)

    async def poll(ctx: OperationContext, cursor: Mapping[str, Any] | None) -> PollPage:
        return PollPage(events=[], cursor={})

    async def check(ctx: OperationContext) -> CheckResult:
        return CheckResult(ok=True, message="It is there.")

    return Catalog(
        [
            Connector(
                manifest=MANIFEST,
                check=check,
                operations=[
                    operation(spec["name"].partition(".")[2], writes=spec["effect"] == "write")
                    for spec in MANIFEST["operations"]
                ],
                triggers=[
                    Trigger(
                        name="pair.news", version=1, matches=lambda params, event: True, poll=poll
                    )
                ],
            )
        ]
    )


def news_of(id_: str, *, version: str) -> SourceEvent:
    return SourceEvent(
        type=NEWS,
        change="updated",
        entity="thing",
        entity_id=id_,
        version=version,
        occurred_at=START,
        data={"id": id_},
        business_key=id_,
    )


def side(slot: str, **more: Any) -> dict[str, Any]:
    return {
        "connection": slot,
        "noun": "thing",
        "id": "{{ raw.id }}",
        "changed_at": "{{ raw.changed }}",
        "label": "{{ raw.name }}",
        "held": "{{ raw }}",
        "read": {
            "operation": "pair.get@1",
            "params": {"id": "{{ id }}"},
            "take": "{{ answer.row }}",
        },
        "find": {
            "operation": "pair.find@1",
            "params": {"values": {"mail": "{{ values.mail }}"}},
            "take": "{{ answer.rows }}",
        },
        "create": {
            "operation": "pair.create@1",
            "params": {"fields": "{{ fields }}", "key": "{{ key }}"},
            "take": "{{ answer.id }}",
        },
        "update": {
            "operation": "pair.update@1",
            "params": {
                "id": "{{ id }}",
                "fields": "{{ fields }}",
                "expected": "{{ expected }}",
            },
        },
        "delete": {"operation": "pair.delete@1", "params": {"id": "{{ id }}"}},
        "map_in": [
            {"target": name, "source": f"raw.{name}", "default": ""}
            for name in ("name", "mail", "phone")
        ],
        "map_out": [
            {"target": name, "source": f"values.{name}"} for name in ("name", "mail", "phone")
        ],
        **more,
    }


def document(**more: Any) -> dict[str, Any]:
    """News of either side, or a person -> sync record."""
    params: dict[str, Any] = {
        "entity": "thing",
        "left": side("a", news=[NEWS]),
        "right": side("b", news=[NEWS]),
        "fields": [
            {"name": "name"},
            {"name": "mail", "owner": "left", "normalise": ["case", "spaces"]},
            {"name": "phone", "owner": "newest", "normalise": ["phone"]},
        ],
        "deletes": {"left": "propagate", "right": "ask"},
        **more,
    }
    return {
        "format": 1,
        "slug": "things",
        "name": "Things",
        "description": "",
        "connections": {
            "a": {"connector": "pair", "label": "A"},
            "b": {"connector": "pair", "label": "B"},
        },
        "settings": {},
        "nodes": [
            {"id": "by_hand", "type": "flow.manual@1", "name": "By hand", "params": {}},
            *(
                {"id": f"news_{slot}", "type": NEWS, "name": slot, "connection": slot, "params": {}}
                for slot in "ab"
            ),
            {
                "id": "sync",
                "type": "sync.record@1",
                "name": "Sync",
                "params": params,
                "policy": {"timeout": "PT20S", "retry": {"max_attempts": 5, "horizon": "PT1H"}},
            },
        ],
        "edges": [
            {"from": trigger, "port": "out", "to": "sync"}
            for trigger in ("by_hand", "news_a", "news_b")
        ],
    }
