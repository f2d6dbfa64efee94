"""Steps that wait for something from outside: what they wait for, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from connectors.sdk.errors import UnavailableError
from flows.engine.events import RunEvent

TIMEOUT: Final = "timeout"
KEY_LENGTH: Final = 200

Place = tuple[str, str]  # path and node


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What came from outside: the step leaves through `port` with `output`. With an `error`
    (`FarSideError.to_dict()`) it fails instead."""

    port: str
    output: Any
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What a node waits for, until when.

    `kind` says who answers ("event", "approval", "call"), `key` which one of those ("": the step's
    effect key is put there), `about` is JSON for whoever answers. A dry run waits for nobody: it
    goes on with `predicted`, and `prediction` is the sentence that it reports.
    """

    kind: str
    key: str
    until: datetime
    predicted: Signal
    prediction: str
    about: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As it stands in the journal."""
        return {
            "kind": self.kind,
            "key": self.key,
            "until": self.until.isoformat(),
            "about": dict(self.about),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWait:
    """A step that waits, as whoever keeps the answers has to know it."""

    node: str
    path: str
    kind: str
    key: str
    until: datetime
    about: Mapping[str, Any]

    @classmethod
    def of(cls, node: str, path: str, written: Mapping[str, Any]) -> Self:
        """Out of what `Wait.to_dict` wrote."""
        return cls(
            node=node,
            path=path,
            kind=written["kind"],
            key=written["key"],
            until=datetime.fromisoformat(written["until"]),
            about=written["about"],
        )


def answer_entry(settled: RunEvent, wait: Mapping[str, Any], run: str) -> dict[str, Any]:
    """An answer that a replay of `run` may take over: what was asked where, and what came."""
    return {
        "node": settled.node,
        "path": settled.path,
        "kind": wait["kind"],
        "key": wait["key"],
        "about": wait["about"],
        "port": settled.data["ports"][0],
        "output": settled.data["output"],
        "of": settled.data.get("attached", run),
    }


def fits(entry: Mapping[str, Any] | None, wait: Wait) -> bool:
    """Whether that answered the same question."""
    return entry is not None and (entry["kind"], entry["key"], entry["about"]) == (
        wait.kind,
        wait.key,
        wait.about,
    )


def timed_out(wait: OpenWait) -> Signal:
    """What a step goes on with when nothing came, where its port `timeout` is connected."""
    return Signal(port=TIMEOUT, output={"until": wait.until.isoformat()})


def timeout_error(wait: OpenWait, name: str) -> dict[str, Any]:
    """What it fails with where that port is not connected."""
    return UnavailableError(
        f"Nothing came for {name!r} until {wait.until.isoformat()}.",
        code="wait_timeout",
        fix="Connect its port `timeout`, or see why nothing came and replay the run.",
        detail={"kind": wait.kind, "key": wait.key},
    ).to_dict()
