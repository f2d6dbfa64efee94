"""Dry runs and shadow runs."""

from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.shapes.common import WORKSPACE, described
from flows.api.shapes.dry_runs import DryRunOrderShape, DryRunsShape
from flows.api.view import ApiView
from flows.services.dry_runs import DryOrder, dry_run
from flows.services.flows import find_flow


class DryRunsView(ApiView):
    """/flows/{slug}/dry-runs"""

    @described(
        "Say what a version of the flow would do with past trigger events; nothing is written",
        request=DryRunOrderShape,
        answers={200: DryRunsShape},
        parameters=[WORKSPACE],
        errors=(401, 403, 404, 409, 422),
        tag="runs",
        operation="dry_runs_create",
    )
    def post(self, request: Request, slug: str) -> Response:
        given = DryRunOrderShape(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        environment = self.environment_named(wanted.pop("environment"))
        flow = find_flow(self.actor, slug, workspace=environment.workspace)
        results = dry_run(self.actor, flow=flow, environment=environment, order=DryOrder(**wanted))
        return Response({"results": results})
