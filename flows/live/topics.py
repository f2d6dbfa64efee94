"""What can be followed: one run's journal, and an environment's list of runs.

A topic reads the database each time, as its reader: a message that got lost on the way is made
good by the next one, and who lost a permission sees nothing from then on.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol
from uuid import UUID

from causeway.base.actors import Actor
from causeway.base.permissions import check
from causeway.base.scope import as_uuid, environment_of
from flows.dispatch.announce import JOURNALS, MOST_RUNS, runs_group
from flows.services import runs as service

Message = tuple[int, dict[str, Any]]

# Numbers are drawn before commit, so a smaller one may appear after a larger one.
_OVERLAP: Final = 200


class Topic(Protocol):
    """One subscription of one socket."""

    name: str
    group: str

    def moved(self, message: dict[str, Any]) -> bool:
        """The channel layer says that something is new; whether it is so for this topic."""

    def read(self, actor: Actor) -> Sequence[Message]:
        """What the reader has not had yet, numbered upwards; empty when there is nothing more.

        Raises `Http404` or `PermissionDenied` when the reader may no longer see it.
        """


class RunTopic:
    """`run:<id>`: the journal's entries behind `after`, numbered by their seq."""

    def __init__(self, name: str, actor: Actor, after: int | None) -> None:
        """Without `after` it begins with what comes next."""
        self.name = name
        self._id = as_uuid(name.removeprefix("run:"), "run")
        run = service.find_run(actor, self._id)
        self._last = run.next_seq - 1 if after is None else after
        self.group = JOURNALS

    def moved(self, message: dict[str, Any]) -> bool:
        return bool(message["seqs"].get(str(self._id), 0) > self._last)

    def read(self, actor: Actor) -> Sequence[Message]:
        rows, _ = service.run_events(actor, service.find_run(actor, self._id), after=self._last)
        if rows:
            self._last = rows[-1]["seq"]
        return [(row["seq"], row) for row in rows]


class RunsTopic:
    """`runs:<environment>`: rows of the list as they change, numbered by their revision.

    The numbers of a subscription grow always: a row whose revision was passed by another's gets
    the next number.
    """

    def __init__(self, name: str, actor: Actor, after: int | None) -> None:
        self.name = name
        self._environment = environment_of(actor, name.removeprefix("runs:"))
        check(actor, "read_runs", self._environment.workspace)
        self._last = after or 0
        self._missed = after is not None
        self._sent: dict[UUID, int] = {}
        self._ids: dict[UUID, None] = {}
        self.group = runs_group(self._environment.id)

    def moved(self, message: dict[str, Any]) -> bool:
        for run in message["runs"]:
            self._ids[UUID(run)] = None
        return True

    def read(self, actor: Actor) -> Sequence[Message]:
        check(actor, "read_runs", self._environment.workspace)
        visible = service.visible_to(actor).defer("version__document")
        found = visible.filter(environment=self._environment)
        if self._missed:
            self._missed = False
            some = found.filter(revision__gt=self._last - _OVERLAP)
        else:
            ids, self._ids = list(self._ids)[-MOST_RUNS:], {}
            if not ids:
                return []
            some = found.filter(pk__in=ids)
        rows = service.run_rows(list(some.order_by("-revision")[:MOST_RUNS]))
        return [self._numbered(row) for row in reversed(rows) if self._is_news(row)]

    def _is_news(self, row: dict[str, Any]) -> bool:
        if self._sent.get(row["id"], 0) >= row["revision"]:
            return False
        if len(self._sent) > 10 * MOST_RUNS:
            self._sent.clear()
        self._sent[row["id"]] = row["revision"]
        return True

    def _numbered(self, row: dict[str, Any]) -> Message:
        self._last = max(row["revision"], self._last + 1)
        return self._last, row


def open_topic(name: str, actor: Actor, after: int | None) -> Topic:
    """The topic of that name for this reader. Raises `Http404`, `PermissionDenied` or a
    `Problem` when there is none for them."""
    if name.startswith("run:"):
        return RunTopic(name, actor, after)
    return RunsTopic(name, actor, after)
