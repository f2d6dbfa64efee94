"""Deployments: which version runs where."""

from rest_framework.request import Request
from rest_framework.response import Response

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
from flows.api.shapes.flows import DeploymentRequestShape, DeploymentShape
from flows.api.view import ApiView, listing
from flows.services import deployments as service
from flows.services.flows import find_flow, find_version
from flows.services.overview import deployment_rows


class DeploymentsView(ApiView):
    """/deployments"""

    @described(
        "What is deployed in an environment, newest first",
        answers={200: page_of(DeploymentShape)},
        parameters=[
            ENVIRONMENT,
            query("flow", "Slug of a flow"),
            query("retired", "`true` adds what ran before", enum=("true", "false")),
            CURSOR,
            LIMIT,
            WORKSPACE,
        ],
        tag="deployments",
        operation="deployments_list",
    )
    def get(self, request: Request) -> Response:
        found = (
            service.visible_to(self.actor)
            .filter(environment=self.environment)
            .defer("version__document")
        )
        if request.query_params.get("retired") != "true":
            found = found.filter(retired_at__isnull=True)
        if flow := request.query_params.get("flow"):
            found = found.filter(flow__slug=flow)
        rows, next_ = self.page(request, found)
        return listing(deployment_rows(rows), next_=next_)

    @described(
        "Deploy a version",
        request=DeploymentRequestShape,
        # 200: exactly this is deployed already.
        answers={201: DeploymentShape, 200: DeploymentShape},
        parameters=[IDEMPOTENCY_KEY, WORKSPACE],
        tag="deployments",
        operation="deployments_create",
    )
    def post(self, request: Request) -> Response:
        given = DeploymentRequestShape(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        environment = self.environment_named(wanted["environment"])
        flow = find_flow(self.actor, wanted["flow"], workspace=environment.workspace)
        version = find_version(flow, wanted["version"])

        def act() -> Response:
            deployment, made = service.deploy(
                self.actor,
                version=version,
                environment=environment,
                bindings=wanted["bindings"],
                backlog_cap=wanted.get("backlog_cap"),
            )
            [row] = deployment_rows([deployment])
            return Response(row, status=201 if made else 200)

        return once(request, act)
