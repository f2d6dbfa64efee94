"""How long a flow keeps what is over."""

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.permissions import check
from flows.models import Flow


def keep_for(actor: Actor, flow: Flow, days: int | None) -> Flow:
    """Keep the flow's runs so many days after their end: 0 for ever, None as the installation
    says. What is over for longer goes within minutes, for good.

    Raises `PermissionDenied` without `deploy_flows`.
    """
    check(actor, "deploy_flows", flow.workspace)
    before, flow.keep_days = flow.keep_days, days
    if before != days:
        flow.save(update_fields=["keep_days"])
        record(
            actor,
            "changed_retention",
            subject("flow", flow.id, flow.slug, flow.workspace),
            detail={"before": before, "after": days},
        )
    return flow
