"""The built-in node types, by type."""

from flows.engine.nodes.approval import HUMAN_APPROVAL
from flows.engine.nodes.call import FLOW_CALL, FLOW_CALLED
from flows.engine.nodes.choose import BRANCH, FILTER, STOP, SWITCH
from flows.engine.nodes.data import MAP, VALIDATE
from flows.engine.nodes.fan import JOIN, PARALLEL
from flows.engine.nodes.lists import BATCH, GROUP
from flows.engine.nodes.node import NodeKind, NodeType
from flows.engine.nodes.repeat import DELAY, FOR_EACH
from flows.engine.nodes.respond import RESPOND
from flows.engine.nodes.rules import RULES
from flows.engine.nodes.start import FAILED, MANUAL, SCHEDULE
from flows.engine.nodes.sync import FIND_LINK, SYNC_RECORD
from flows.engine.nodes.wait_for_event import WAIT_FOR_EVENT

NODE_TYPES: dict[str, NodeType] = {
    one.type: one
    for one in (
        SCHEDULE,
        MANUAL,
        FAILED,
        FLOW_CALLED,
        BRANCH,
        SWITCH,
        FILTER,
        PARALLEL,
        JOIN,
        FOR_EACH,
        DELAY,
        RESPOND,
        WAIT_FOR_EVENT,
        HUMAN_APPROVAL,
        FLOW_CALL,
        STOP,
        MAP,
        VALIDATE,
        RULES,
        GROUP,
        BATCH,
        FIND_LINK,
        SYNC_RECORD,
    )
}

__all__ = ["NODE_TYPES", "NodeKind", "NodeType"]
