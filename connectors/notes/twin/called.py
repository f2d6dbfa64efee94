"""Agents that a client calls: a list and a way to run one, since 9.0.1 FP9 [D]."""

from copy import deepcopy

from starlette.responses import Response

from connectors.notes.twin.decode import read_body
from connectors.notes.twin.documents import Call, need_level
from connectors.notes.twin.values import Item, Kind
from connectors.notes.twin.wire import Fields, ServiceError, WebError, json_answer, notes_error


def list_agents(call: Call) -> Response:
    _need_later(call)
    path = call.state.design.path
    return json_answer(
        [
            Fields([("@name", one), ("@href", f"/{path}/api/data/agents/{one}")])
            for one in call.state.design.called
        ]
    )


def run_agent(call: Call) -> Response:
    """201 when it ran; the agent sets items of its document and counts its runs. 400 for one
    that is not there or for a wrong document."""
    _need_later(call)
    need_level(call.state, 2)
    wanted = dict(read_body(call.body))
    name = str(wanted.get("agentName", ""))
    items = call.state.design.called.get(name)
    if items is None:
        raise notes_error(f"Agent {name} not found")
    unid = str(wanted.get("documentUnid") or "").upper()
    if unid and unid not in call.state.documents:
        raise notes_error("Invalid universal id")
    if call.state.agent_busy:
        raise ServiceError(409, "The agent ran too recently.")
    call.state.agent_runs.append((name, unid))
    if unid:
        document = deepcopy(call.state.documents[unid])
        for item, value in items.items():
            document.put(Item(item, Kind.TEXT, [str(value)]))
        call.state.save(document, by=call.who)
    return Response(status_code=201)


def _need_later(call: Call) -> None:
    if not call.server.later:
        raise WebError(404, "Page not found")
