"""Which news the nodes of a deployment wait for."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.db.models import Exists, OuterRef
from django.utils import timezone

from connectors.connections.models import Connection
from flows.engine.plan import Plan
from flows.models import AwaitedNews, Deployment, Wait
from flows.store.waits import topic_of

_LEFT_TO_RUNS: Final = timedelta(days=1)  # the same in flows.dispatch.listeners


def await_news(
    deployment: Deployment, plan: Plan, bound: Mapping[str, Connection]
) -> list[AwaitedNews]:
    """Have the news heard from now on that nodes of the deployment wait for; call inside the
    transaction that makes it.

    What a deployment before waited for too is this one's now; the rest stays for its runs, until
    nobody waits for it.
    """
    made = AwaitedNews.objects.bulk_create(
        AwaitedNews(
            deployment=deployment,
            connection=bound[one.slot],
            node=one.node,
            trigger_type=one.type,
            params=dict(one.params),
            match=one.match,
            topic=topic_of(bound[one.slot].id, one.type, one.match, one.params),
        )
        for one in plan.waits
    )
    before = AwaitedNews.objects.filter(
        deployment__flow_id=deployment.flow_id,
        deployment__environment_id=deployment.environment_id,
        deployment__retired_at__isnull=False,
    )
    before.filter(topic__in=[one.topic for one in made]).delete()
    waits = Wait.objects.filter(topic=OuterRef("topic"), answered_at__isnull=True)
    before.filter(
        ~Exists(waits), deployment__retired_at__lt=timezone.now() - _LEFT_TO_RUNS
    ).delete()
    return made
