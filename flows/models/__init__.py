"""The tables of flows, their deployments and their runs."""

from flows.models.approval import Approval, ApprovalMail
from flows.models.bulk_replay import BulkReplay, BulkReplayItem
from flows.models.call import Call
from flows.models.crosswalk import Crosswalk, CrosswalkEntry
from flows.models.deployment import Deployment, Listener, PollCursor
from flows.models.draft import FlowDraft
from flows.models.flow import Flow, FlowVersion
from flows.models.idempotent_call import IdempotentCall
from flows.models.limit import SharedLimit
from flows.models.load import ConnectionLoad
from flows.models.mapping_verdict import MappingVerdict
from flows.models.payload import Payload
from flows.models.rollup import FlowRollup
from flows.models.run import Receipt, Run, RunEvent
from flows.models.sync import Conflict, Link, SyncRollup, SyncRule
from flows.models.trigger_event import Delivery, RefusedDelivery, TriggerEvent
from flows.models.wait import AwaitedNews, HeardNews, Wait

__all__ = [
    "Approval",
    "ApprovalMail",
    "AwaitedNews",
    "BulkReplay",
    "BulkReplayItem",
    "Call",
    "Conflict",
    "ConnectionLoad",
    "Crosswalk",
    "CrosswalkEntry",
    "Delivery",
    "Deployment",
    "Flow",
    "FlowDraft",
    "FlowRollup",
    "FlowVersion",
    "HeardNews",
    "IdempotentCall",
    "Link",
    "Listener",
    "MappingVerdict",
    "Payload",
    "PollCursor",
    "Receipt",
    "RefusedDelivery",
    "Run",
    "RunEvent",
    "SharedLimit",
    "SyncRollup",
    "SyncRule",
    "TriggerEvent",
    "Wait",
]
