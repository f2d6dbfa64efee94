"""Flow documents on their way in: exact numbers, and the engine's problems as answers."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from causeway.base.problems import Problem as HttpProblem
from connectors.catalog import default_catalog
from connectors.sdk.codec import dumps, loads
from flows.engine.chunks import spread
from flows.engine.compile import check_flow, compile_flow
from flows.engine.plan import Plan
from flows.engine.problem import FlowInvalidError, Problem
from flows.engine.spec import digest
from flows.models import FlowVersion

_MOST_PLANS: Final = 64
_plans: dict[UUID, Plan] = {}


def exact(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with fractions as Decimal, the same whether it came from a request, a file
    or a table: only then does one logic have one digest."""
    result: dict[str, Any] = loads(dumps(document))
    return result


def plan_of(document: Mapping[str, Any]) -> Plan:
    """The compiled flow. Raises a 422 problem that carries everything wrong with it."""
    try:
        return compile_flow(exact(document), default_catalog())
    except FlowInvalidError as error:
        raise _invalid(error.problems) from None


def plan_of_version(version: FlowVersion, *, whole: bool = False) -> Plan:
    """The same of a stored version, kept: what is published never changes. Raises likewise.

    For a run that leaves chunks to others; `whole` for one that does its items itself.
    """
    plan = _plans.get(version.pk)
    if plan is None:
        plan = plan_of(version.document)
        while len(_plans) >= _MOST_PLANS:
            _plans.pop(next(iter(_plans)), None)
        _plans[version.pk] = plan
    return plan if whole else spread(plan)


def problems_of(document: Mapping[str, Any]) -> list[Problem]:
    """Everything that the validator has to say, warnings included."""
    return list(check_flow(exact(document), default_catalog()))


def digest_of(document: Mapping[str, Any]) -> str:
    """The digest of the logic, without layout."""
    return digest(exact(document))


def _invalid(problems: Iterable[Problem]) -> HttpProblem:
    return HttpProblem(
        422,
        "flow_invalid",
        "The flow is not valid; `errors` lists what to repair.",
        errors=[one.to_dict() for one in problems],
    )
