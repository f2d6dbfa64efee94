"""What the sweep asks about bulk replays."""

from asgiref.sync import sync_to_async
from django.utils import timezone

from flows.models import BulkReplay
from flows.store.bulk import any_bulk_running
from tests.flows.world import World


async def test_only_those_that_run_are_worked_on(hot: World) -> None:
    assert not await any_bulk_running()
    bulk = await sync_to_async(BulkReplay.objects.create)(
        workspace=hot.workspace,
        environment=hot.environment,
        created_by="system:tests",
        created_at=timezone.now(),
        skip_superseded=True,
        total=3,
    )
    assert await any_bulk_running()
    await BulkReplay.objects.filter(pk=bulk.pk).aupdate(state="cancelled", ended_at=timezone.now())
    assert not await any_bulk_running()
