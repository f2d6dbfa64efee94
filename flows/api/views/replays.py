"""Replays, one or many, dead letters that are solved, and verdicts on what nobody knows."""

from rest_framework.request import Request
from rest_framework.response import Response

from causeway.base.scope import as_uuid
from flows.api.idempotency import once
from flows.api.shapes.common import IDEMPOTENCY_KEY, described
from flows.api.shapes.replays import (
    ReplayPreviewShape,
    ReplayShape,
    ResolveShape,
    VerdictShape,
)
from flows.api.shapes.runs import RunDetailShape
from flows.api.view import ApiView
from flows.services.replay_drafts import Wish
from flows.services.replays import (
    preview_replay,
    replay_run,
    resolve_run,
)
from flows.services.runs import find_run, run_detail
from flows.services.verdicts import Finding, give_verdict


class RunReplayView(ApiView):
    """/runs/{id}/replay"""

    @described(
        "Replay an ended run: a new run that attaches what was finished and does nothing twice",
        request=ReplayShape,
        # 200: only a look at what it would be.
        answers={202: RunDetailShape, 200: ReplayPreviewShape},
        parameters=[IDEMPOTENCY_KEY],
        errors=(401, 403, 404, 409, 413, 422),
        tag="runs",
        operation="runs_replay",
    )
    def post(self, request: Request, run_id: str) -> Response:
        given = ReplayShape(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        dry = wanted.pop("dry")
        run, wish = find_run(self.actor, as_uuid(run_id, "run")), Wish(**wanted)
        if dry:
            return Response(preview_replay(self.actor, run, wish))

        def act() -> Response:
            replay = replay_run(self.actor, run, wish)
            return Response(run_detail(self.actor, replay), status=202)

        return once(request, act)


class RunResolveView(ApiView):
    """/runs/{id}/resolve"""

    @described(
        "Mark a dead letter or a failed run as solved",
        request=ResolveShape,
        answers={200: RunDetailShape},
        errors=(401, 403, 404, 409, 422),
        tag="runs",
        operation="runs_resolve",
    )
    def post(self, request: Request, run_id: str) -> Response:
        given = ResolveShape(data=request.data)
        given.is_valid(raise_exception=True)
        run = resolve_run(
            self.actor,
            find_run(self.actor, as_uuid(run_id, "run")),
            note=given.validated_data["note"],
        )
        return Response(run_detail(self.actor, run))


class RunVerdictView(ApiView):
    """/runs/{id}/verdict"""

    @described(
        "Say whether an unresolved write happened: a replay takes it for done, or does it again",
        request=VerdictShape,
        answers={202: RunDetailShape},
        parameters=[IDEMPOTENCY_KEY],
        errors=(401, 403, 404, 409, 413, 422),
        tag="runs",
        operation="runs_verdict",
    )
    def post(self, request: Request, run_id: str) -> Response:
        given = VerdictShape(data=request.data)
        given.is_valid(raise_exception=True)
        run = find_run(self.actor, as_uuid(run_id, "run"))

        def act() -> Response:
            replay = give_verdict(self.actor, run, Finding(**given.validated_data))
            return Response(run_detail(self.actor, replay), status=202)

        return once(request, act)
