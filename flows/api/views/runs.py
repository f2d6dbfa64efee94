"""Runs: find them, look into one, start and cancel."""

from rest_framework.request import Request
from rest_framework.response import Response

from causeway.base.problems import FieldError, Problem
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
    query,
)
from flows.api.shapes.runs import (
    RunDetailShape,
    RunEventShape,
    RunShape,
    RunStartShape,
    StartedShape,
)
from flows.api.view import ApiView, listing
from flows.services import runs as service
from flows.services.flows import find_flow
from flows.services.starts import ManualTrigger, cancel_run, start_manual


class RunsView(ApiView):
    """/runs"""

    @described(
        "Search runs, newest first",
        answers={200: page_of(RunShape)},
        parameters=[
            ENVIRONMENT,
            query("flow", "Slug of a flow"),
            query("state", "One state, or several parted by commas"),
            query(
                "attention",
                "`true`: only dead letters that nobody dealt with",
                enum=("true", "false"),
            ),
            query("bulk", "Id of a bulk replay: only the runs that it made"),
            query("q", "Business key (its beginning), far-side id, run id or delivery id"),
            query("changed_after", "Only runs whose revision is higher"),
            CURSOR,
            LIMIT,
            WORKSPACE,
        ],
        tag="runs",
        operation="runs_list",
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params
        found = service.search_runs(
            self.actor,
            environment=self.environment,
            flow=asked.get("flow", ""),
            states=[one for one in asked.get("state", "").split(",") if one],
            q=asked.get("q", ""),
            bulk=as_uuid(asked["bulk"], "bulk replay") if asked.get("bulk") else None,
            attention=asked.get("attention") == "true",
            changed_after=_number(asked.get("changed_after", ""), "changed_after"),
        )
        page, next_ = self.page(request, found)
        return listing(service.run_rows(page), next_=next_)


class FlowRunsView(ApiView):
    """/flows/{slug}/runs"""

    @described(
        "Start a run by hand",
        request=RunStartShape,
        answers={202: StartedShape},
        parameters=[IDEMPOTENCY_KEY, WORKSPACE],
        errors=(401, 403, 404, 409, 413, 422),
        tag="runs",
        operation="runs_create",
    )
    def post(self, request: Request, slug: str) -> Response:
        given = RunStartShape(data=request.data)
        given.is_valid(raise_exception=True)
        environment = self.environment_named(given.validated_data["environment"])
        flow = find_flow(self.actor, slug, workspace=environment.workspace)

        def act() -> Response:
            runs = start_manual(
                self.actor,
                flow=flow,
                environment=environment,
                trigger=ManualTrigger(**given.validated_data["trigger"]),
            )
            return Response({"run_ids": [one.id for one in runs]}, status=202)

        return once(request, act)


class RunView(ApiView):
    """/runs/{id}"""

    @described(
        "One run with its steps",
        answers={200: RunDetailShape},
        tag="runs",
        operation="runs_get",
    )
    def get(self, request: Request, run_id: str) -> Response:
        run = service.find_run(self.actor, as_uuid(run_id, "run"))
        return Response(service.run_detail(self.actor, run))


class RunCancelView(ApiView):
    """/runs/{id}/cancel"""

    @described(
        "Call off a run that is pending or waiting",
        answers={200: RunDetailShape},
        errors=(401, 403, 404, 409),
        tag="runs",
        operation="runs_cancel",
    )
    def post(self, request: Request, run_id: str) -> Response:
        run = cancel_run(self.actor, service.find_run(self.actor, as_uuid(run_id, "run")))
        return Response(service.run_detail(self.actor, run))


class RunEventsView(ApiView):
    """/runs/{id}/events"""

    @described(
        "The journal of a run, oldest first",
        answers={200: page_of(RunEventShape)},
        parameters=[query("after", "Only events with a higher number")],
        tag="runs",
        operation="run_events_list",
    )
    def get(self, request: Request, run_id: str) -> Response:
        run = service.find_run(self.actor, as_uuid(run_id, "run"))
        after = _number(request.query_params.get("after", ""), "after") or 0
        rows, more = service.run_events(self.actor, run, after=after)
        return listing(rows, next_=None if more is None else str(more))


def _number(text: str, name: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text) > 2**63 - 1:
        message = f"{name} is a whole number."
        raise Problem(
            422,
            "invalid",
            message,
            errors=[FieldError(pointer=f"/{name}", code="invalid", message=message)],
        )
    return int(text)
