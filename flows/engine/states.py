"""The states of steps and runs, and the closed tables of what may follow what."""

from enum import StrEnum
from typing import Final

from flows.engine.events import EventType


class StepStatus(StrEnum):
    """Where a step stands."""

    NEW = "new"
    STARTED = "started"  # an action before its first attempt, a loop at work, a wait
    ATTEMPTING = "attempting"
    RETRYING = "retrying"  # an attempt failed; `due` says when the next one starts, if one does
    UNCERTAIN = "uncertain"  # an attempt may have taken effect
    PROBED = "probed"  # the far side was asked whether it did
    ANSWERED = "answered"  # an attempt succeeded, the step is about to
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"


class RunStatus(StrEnum):
    """Where a run stands."""

    NEW = "new"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DEAD = "dead"


class IllegalTransitionError(ValueError):
    """A journal says something that cannot have happened."""


_S, _E = StepStatus, EventType

STEPS: Final[dict[tuple[StepStatus, EventType], StepStatus]] = {
    (_S.NEW, _E.STEP_STARTED): _S.STARTED,
    (_S.NEW, _E.STEP_SUCCEEDED): _S.SUCCEEDED,
    (_S.NEW, _E.STEP_FAILED): _S.FAILED,
    (_S.STARTED, _E.ATTEMPT_STARTED): _S.ATTEMPTING,
    (_S.STARTED, _E.STEP_SUCCEEDED): _S.SUCCEEDED,
    (_S.STARTED, _E.STEP_FAILED): _S.FAILED,
    (_S.ATTEMPTING, _E.ATTEMPT_SUCCEEDED): _S.ANSWERED,
    (_S.ATTEMPTING, _E.ATTEMPT_FAILED): _S.RETRYING,
    (_S.ATTEMPTING, _E.ATTEMPT_UNCERTAIN): _S.UNCERTAIN,
    # After a crash an attempt without an outcome is probed, repeated or given up.
    (_S.ATTEMPTING, _E.PROBE_FINISHED): _S.PROBED,
    (_S.ATTEMPTING, _E.ATTEMPT_STARTED): _S.ATTEMPTING,
    (_S.ATTEMPTING, _E.STEP_FAILED): _S.FAILED,
    (_S.RETRYING, _E.ATTEMPT_STARTED): _S.ATTEMPTING,
    (_S.RETRYING, _E.STEP_FAILED): _S.FAILED,
    (_S.UNCERTAIN, _E.PROBE_FINISHED): _S.PROBED,
    (_S.UNCERTAIN, _E.ATTEMPT_UNCERTAIN): _S.UNCERTAIN,
    (_S.UNCERTAIN, _E.ATTEMPT_STARTED): _S.ATTEMPTING,
    (_S.UNCERTAIN, _E.STEP_FAILED): _S.FAILED,
    (_S.PROBED, _E.ATTEMPT_SUCCEEDED): _S.ANSWERED,
    (_S.PROBED, _E.ATTEMPT_STARTED): _S.ATTEMPTING,
    (_S.PROBED, _E.PROBE_FINISHED): _S.PROBED,
    (_S.PROBED, _E.ATTEMPT_UNCERTAIN): _S.UNCERTAIN,
    (_S.PROBED, _E.STEP_FAILED): _S.FAILED,
    (_S.ANSWERED, _E.STEP_SUCCEEDED): _S.SUCCEEDED,
    # The answer was there, and larger than a run may keep.
    (_S.ANSWERED, _E.STEP_FAILED): _S.FAILED,
    (_S.SKIPPED, _E.STEP_SKIPPED): _S.SKIPPED,
}

_R = RunStatus

RUNS: Final[dict[tuple[RunStatus, EventType], RunStatus]] = {
    (_R.NEW, _E.RUN_STARTED): _R.RUNNING,
    (_R.RUNNING, _E.RUN_WAITING): _R.WAITING,
    (_R.WAITING, _E.RUN_WAITING): _R.WAITING,
    (_R.RUNNING, _E.RUN_SUCCEEDED): _R.SUCCEEDED,
    (_R.RUNNING, _E.RUN_FAILED): _R.FAILED,
    (_R.RUNNING, _E.RUN_DEAD): _R.DEAD,
    (_R.WAITING, _E.RUN_SUCCEEDED): _R.SUCCEEDED,
    (_R.WAITING, _E.RUN_FAILED): _R.FAILED,
    (_R.WAITING, _E.RUN_DEAD): _R.DEAD,
}


def step_after(status: StepStatus, event: EventType) -> StepStatus:
    """The status after an event. Raises `IllegalTransitionError` for what is not in the table."""
    try:
        return STEPS[status, event]
    except KeyError:
        raise IllegalTransitionError(f"A step that is {status} cannot see {event}.") from None


def run_after(status: RunStatus, event: EventType) -> RunStatus:
    """The status after an event. Raises `IllegalTransitionError` for what is not in the table."""
    try:
        return RUNS[status, event]
    except KeyError:
        raise IllegalTransitionError(f"A run that is {status} cannot see {event}.") from None
