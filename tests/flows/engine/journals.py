"""Journals of the flows that the engine's tests drive, saved as files beside their documents.

    python -m tests.flows.engine.journals

drives those tests and saves a journal for whatever no saved one shows yet. What was saved is never
written anew: runs that are stored somewhere are not either, and have to mean the same for ever.
"""

import itertools
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from connectors.sdk import codec
from flows.engine import compile as compiling
from flows.engine import driver, inline
from flows.engine.decide import Command, decide
from flows.engine.events import EventType, RunEvent
from flows.engine.plan import Plan
from flows.engine.state import fold

FOLDER: Final = Path(__file__).with_name("journals")
_LONGEST: Final = 80  # events
_TELLING: Final = {
    "attached", "edited", "effects", "look", "prediction", "replayed", "unresolved", "until",
    "verdict", "wait",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """One run: its flow's document, its events, and what `decide` said before each event and
    behind the last."""

    document: Mapping[str, Any]
    events: list[RunEvent]
    commands: list[list[str]]
    state: Mapping[str, Any]


def read(path: Path) -> Journal:
    """As a database would give it back."""
    raw = codec.loads(path.read_bytes())
    events = [
        RunEvent(
            seq=place + 1,
            type=EventType(one["type"]),
            node=one.get("node", ""),
            path=one.get("path", ""),
            at=datetime.fromisoformat(one["at"]),
            data=one["data"],
        )
        for place, one in enumerate(raw["events"])
    ]
    return Journal(
        document=raw["document"],
        events=events,
        commands=[one["decided"] for one in raw["events"]] + [raw["decided"]],
        state=raw["state"],
    )


def decided(plan: Plan, events: list[RunEvent]) -> list[list[str]]:
    """What `decide` says at the time of each event before it, and of the last one behind it."""
    times = [one.at for one in events] + [events[-1].at]
    return [
        [told(one) for one in decide(plan, events[:count], now)] for count, now in enumerate(times)
    ]


def told(command: Command) -> str:
    """A command as one line."""
    words = [command.kind.value, f"{command.path}/{command.node}".strip("/")]
    if command.attempt:
        words.append(f"#{command.attempt}")
    if command.until is not None:
        words += [command.until.isoformat(), command.reason]
    if command.error is not None:
        words.append(str(command.error["code"]))
    if command.unresolved:
        words.append("unresolved")
    if command.end is not None:
        words += [command.end.state.value, command.end.outcome]
        words.append(str((command.end.error or {}).get("code", "")))
    return " ".join(word for word in words if word)


def folded(plan: Plan, events: list[RunEvent]) -> dict[str, Any]:
    """What else is read from a journal: the waits that are open, what a caller is given."""
    state = fold(plan, events)
    waits = [[one.path, one.node, one.kind, one.key] for one in state.open_waits() or ()]
    return {"last_seq": state.last_seq, "ended": state.ended, "waits": waits}


def features(plan: Plan, events: list[RunEvent]) -> Iterator[tuple[str, ...]]:
    """What a journal shows: kinds of events of kinds of nodes, and what was decided before."""
    for event, commands in zip(events, decided(plan, events), strict=False):
        node = plan.by_id[event.node].type if event.node in plan.by_id else ""
        depth = str(event.path.count("/"))
        code = str((event.data.get("error") or {}).get("code", ""))
        more = ",".join(sorted(_TELLING & set(event.data)))
        yield event.type.value, node, depth, code, more
        yield "decided", *sorted({one.split()[0] for one in commands})


def save(name: str, document: Mapping[str, Any], plan: Plan, events: list[RunEvent]) -> None:
    commands = decided(plan, events)
    rows = [
        {
            "type": event.type.value,
            **({"node": event.node} if event.node else {}),
            **({"path": event.path} if event.path else {}),
            "at": event.at.isoformat(),
            "data": event.data,
            "decided": before,
        }
        for event, before in zip(events, commands, strict=False)
    ]
    lines = ",\n".join("  " + codec.dumps(row).decode() for row in rows)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(
        f'{{"document": {codec.dumps(document).decode()},\n"events": [\n{lines}\n],\n'
        f'"decided": {json.dumps(commands[-1])},\n"state": {json.dumps(folded(plan, events))}}}\n'
    )


class Recorder:
    """A pytest plugin: takes the runs that tests drive in line."""

    def __init__(self) -> None:
        self.documents: dict[int, tuple[Plan, Mapping[str, Any]]] = {}
        self.taken: list[tuple[str, Mapping[str, Any], Plan, list[RunEvent]]] = []
        self.test = ""
        compile_flow, drive = compiling.compile_flow, driver.drive

        def compiled(document: Mapping[str, Any], catalog: Any, *more: Any, **named: Any) -> Plan:
            plan = compile_flow(document, catalog, *more, **named)
            self.documents[id(plan)] = plan, json.loads(codec.dumps(document))
            return plan

        async def driven(**named: Any) -> Any:
            end = await drive(**named)
            known = self.documents.get(id(named["plan"]))
            events = list(named["journal"].events[named["header"].run_id])
            if known and self.test and len(events) <= _LONGEST:
                self.taken.append((self.test, known[1], known[0], events))
            return end

        compiling.compile_flow = compiled
        inline.drive = driven  # type: ignore[attr-defined]

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        by_chance = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        self.test = "" if by_chance else item.name.partition("[")[0].removeprefix("test_")

    def keep(self) -> int:
        """Save what shows something new; how many those are."""
        from tests.flows.engine.support import CATALOG

        known: set[tuple[str, ...]] = set()
        for path in sorted(FOLDER.glob("*.json")):
            journal = read(path)
            known.update(
                features(compiling.compile_flow(journal.document, CATALOG), journal.events)
            )
        saved = 0
        for test, document, plan, taken in self.taken:
            events = [_revived(event) for event in taken]
            new = set(features(plan, events)) - known
            ended = events[-1].type.value.startswith("run_")
            if not new or (ended and not decided(plan, events)[-2][0].startswith(("end", "wait"))):
                continue  # seen already, or ended for a limit that its test had set lower
            try:
                compiling.compile_flow(document, CATALOG)
            except Exception:
                continue
            known |= new
            names = (test if number == 1 else f"{test}_{number}" for number in itertools.count(1))
            name = next(one for one in names if not (FOLDER / f"{one}.json").exists())
            save(name, document, plan, events)
            saved += 1
        return saved


def _revived(event: RunEvent) -> RunEvent:
    data = codec.loads(codec.dumps(event.data))
    return RunEvent(
        seq=event.seq, type=event.type, node=event.node, path=event.path, at=event.at, data=data
    )


def main() -> int:
    recorder = Recorder()
    here = Path(__file__).parent
    saved = here / "test_saved_journals.py"
    code = int(pytest.main(["-q", str(here), f"--ignore={saved}"], plugins=[recorder]))
    if code == 0:
        print(f"{recorder.keep()} journals saved in {FOLDER}")  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main())
