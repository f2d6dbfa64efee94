"""Bulk replays: look beforehand, make one, watch it, call it off."""

from rest_framework.request import Request
from rest_framework.response import Response

from causeway.base.scope import as_uuid
from flows.api.idempotency import once
from flows.api.shapes.common import (
    CURSOR,
    ENVIRONMENT,
    IDEMPOTENCY_KEY,
    LIMIT,
    WORKSPACE,
    described,
    page_of,
)
from flows.api.shapes.replays import (
    BulkDetailShape,
    BulkPreviewShape,
    BulkReplayShape,
    BulkRowShape,
)
from flows.api.view import ApiView, listing
from flows.services import bulk_replays as service


class ReplaysView(ApiView):
    """/replays"""

    @described(
        "Bulk replays of an environment, newest first",
        answers={200: page_of(BulkRowShape)},
        parameters=[ENVIRONMENT, CURSOR, LIMIT, WORKSPACE],
        tag="runs",
        operation="replays_list",
    )
    def get(self, request: Request) -> Response:
        page, next_ = self.page(request, service.list_bulks(self.actor, self.environment))
        return listing([service.bulk_row(one) for one in page], next_=next_)

    @described(
        "Replay dead letters in bulk, oldest source time first; `dry` only lists them",
        request=BulkReplayShape,
        answers={200: BulkPreviewShape, 202: BulkDetailShape},
        parameters=[IDEMPOTENCY_KEY, WORKSPACE],
        errors=(401, 403, 404, 409, 422),
        tag="runs",
        operation="replays_create",
    )
    def post(self, request: Request) -> Response:
        given = BulkReplayShape(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        dry = wanted.pop("dry")
        environment = self.environment_named(wanted.pop("environment"))
        bulk = service.Bulk(**wanted)
        if dry:
            return Response(service.preview(self.actor, environment=environment, bulk=bulk))

        def act() -> Response:
            made = service.create(self.actor, environment=environment, bulk=bulk)
            return Response(service.bulk_detail(made), status=202)

        return once(request, act)


class ReplayView(ApiView):
    """/replays/{id}"""

    @described(
        "How far a bulk replay has come, and what came of it",
        answers={200: BulkDetailShape},
        tag="runs",
        operation="replays_get",
    )
    def get(self, request: Request, bulk_id: str) -> Response:
        bulk = service.find_bulk(self.actor, as_uuid(bulk_id, "bulk replay"))
        return Response(service.bulk_detail(bulk))


class ReplayCancelView(ApiView):
    """/replays/{id}/cancel"""

    @described(
        "Stop a bulk replay: what is not yet replayed stays as it is",
        answers={200: BulkDetailShape},
        errors=(401, 403, 404, 409),
        tag="runs",
        operation="replays_cancel",
    )
    def post(self, request: Request, bulk_id: str) -> Response:
        bulk = service.find_bulk(self.actor, as_uuid(bulk_id, "bulk replay"))
        return Response(service.bulk_detail(service.cancel(self.actor, bulk)))
