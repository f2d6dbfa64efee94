"""Flows, their versions, and what they are made of."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from causeway.base.permissions import workspaces_visible_to
from causeway.base.problems import Problem
from flows.api.shapes.common import WORKSPACE, described, header, page_of, query
from flows.api.shapes.flows import (
    CatalogShape,
    FlowCheckShape,
    FlowDetailShape,
    FlowProblemsShape,
    FlowPublishShape,
    FlowShape,
    FlowVersionDocumentShape,
    FlowVersionShape,
    FunctionsShape,
    RetentionShape,
)
from flows.api.view import ApiView, listing
from flows.engine.problem import Severity
from flows.services import flows as service
from flows.services.called_flows import call_warnings
from flows.services.catalog import catalog, functions
from flows.services.documents import problems_of
from flows.services.overview import flow_detail, flow_rows, version_row
from flows.services.retention import keep_for


class CatalogView(ApiView):
    """/catalog"""

    @described(
        "Connectors and node types",
        answers={200: CatalogShape},
        errors=(401,),
        tag="catalog",
        operation="catalog_get",
    )
    def get(self, request: Request) -> Response:
        return Response(catalog())


class FunctionsView(ApiView):
    """/catalog/functions"""

    @described(
        "The functions of mappings",
        answers={200: FunctionsShape},
        errors=(401,),
        tag="catalog",
        operation="catalog_functions",
    )
    def get(self, request: Request) -> Response:
        return Response({"functions": functions()})


class FlowsView(ApiView):
    """/flows"""

    @described(
        "Flows, by name",
        answers={200: page_of(FlowShape)},
        parameters=[
            query("environment", "Adds what is deployed there and what it did today"),
            WORKSPACE,
        ],
        tag="flows",
        operation="flows_list",
    )
    def get(self, request: Request) -> Response:
        environment = self.environment if request.query_params.get("environment") else None
        return listing(
            flow_rows(
                self.actor,
                workspace=environment.workspace if environment else self.workspace,
                environment=environment,
                now=timezone.now(),
            )
        )

    @described(
        "Create a flow",
        request=FlowPublishShape,
        answers={201: FlowDetailShape},
        parameters=[WORKSPACE],
        errors=(401, 403, 404, 409, 422),
        tag="flows",
        operation="flows_create",
    )
    def post(self, request: Request) -> Response:
        workspace = self.workspace
        given = FlowPublishShape(data=request.data)
        given.is_valid(raise_exception=True)
        version = service.create_flow(self.actor, workspace=workspace, **given.validated_data)
        [row] = flow_rows(
            self.actor,
            workspace=workspace,
            environment=None,
            now=timezone.now(),
            slug=version.flow.slug,
        )
        return Response(flow_detail(row, version.flow, now=timezone.now()), status=201)


class FlowCheckView(ApiView):
    """/flows/check"""

    @described(
        "Check a document without storing it",
        request=FlowCheckShape,
        answers={200: FlowProblemsShape},
        parameters=[WORKSPACE],
        errors=(401, 422),
        tag="flows",
        operation="flows_check",
    )
    def post(self, request: Request) -> Response:
        given = FlowCheckShape(data=request.data)
        given.is_valid(raise_exception=True)
        document = given.validated_data["document"]
        problems = problems_of(document)
        if not any(one.severity is Severity.ERROR for one in problems):
            known = workspaces_visible_to(self.actor, "read_flows")
            if wished := request.query_params.get("workspace"):
                known = known.filter(slug=wished)
            problems += call_warnings(document, known)
        return Response({"problems": [one.to_dict() for one in problems]})


class FlowView(ApiView):
    """/flows/{slug}"""

    @described(
        "One flow with its latest document",
        answers={200: FlowDetailShape},
        parameters=[
            query("environment", "Adds what is deployed there and what it did today"),
            WORKSPACE,
        ],
        tag="flows",
        operation="flows_get",
    )
    def get(self, request: Request, slug: str) -> Response:
        environment = self.environment if request.query_params.get("environment") else None
        workspace = environment.workspace if environment else self.workspace
        flow = service.find_flow(self.actor, slug, workspace=workspace)
        [row] = flow_rows(
            self.actor,
            workspace=workspace,
            environment=environment,
            now=timezone.now(),
            slug=slug,
        )
        return Response(flow_detail(row, flow, now=timezone.now(), environment=environment))


class RetentionView(ApiView):
    """/flows/{slug}/retention"""

    @described(
        "Say how long runs that are over are kept",
        request=RetentionShape,
        answers={200: RetentionShape},
        parameters=[WORKSPACE],
        errors=(401, 403, 404, 422),
        tag="flows",
        operation="flows_retention",
    )
    def put(self, request: Request, slug: str) -> Response:
        flow = service.find_flow(self.actor, slug, workspace=self.workspace)
        given = RetentionShape(data=request.data)
        given.is_valid(raise_exception=True)
        flow = keep_for(self.actor, flow, given.validated_data["keep_days"])
        return Response({"keep_days": flow.keep_days})


class VersionsView(ApiView):
    """/flows/{slug}/versions"""

    @described(
        "Versions, newest first",
        answers={200: page_of(FlowVersionShape)},
        parameters=[WORKSPACE],
        tag="flows",
        operation="versions_list",
    )
    def get(self, request: Request, slug: str) -> Response:
        flow = service.find_flow(self.actor, slug, workspace=self.workspace)
        return listing([version_row(one) for one in service.versions_of(flow).defer("document")])

    @described(
        "Publish the next version",
        request=FlowPublishShape,
        # 200: the logic is that of the latest version already.
        answers={201: FlowVersionDocumentShape, 200: FlowVersionDocumentShape},
        parameters=[
            WORKSPACE,
            header("If-Match", "Number of the version that the author started from"),
        ],
        errors=(401, 403, 404, 412, 422),
        tag="flows",
        operation="versions_create",
    )
    def post(self, request: Request, slug: str) -> Response:
        flow = service.find_flow(self.actor, slug, workspace=self.workspace)
        given = FlowPublishShape(data=request.data)
        given.is_valid(raise_exception=True)
        version, made = service.publish_version(
            self.actor, flow, expected=_if_match(request), **given.validated_data
        )
        return Response(
            version_row(version, document=True),
            status=201 if made else 200,
            headers={"ETag": f'"{version.number}"'},
        )


class VersionView(ApiView):
    """/flows/{slug}/versions/{number}"""

    @described(
        "One version with its document",
        answers={200: FlowVersionDocumentShape},
        parameters=[WORKSPACE],
        tag="flows",
        operation="versions_get",
    )
    def get(self, request: Request, slug: str, number: int) -> Response:
        flow = service.find_flow(self.actor, slug, workspace=self.workspace)
        version = service.find_version(flow, number)
        return Response(
            version_row(version, document=True), headers={"ETag": f'"{version.number}"'}
        )


def _if_match(request: Request) -> int | None:
    text = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not text or text == "*":
        return None
    if not text.isascii() or not text.isdigit():
        raise Problem(412, "stale", "If-Match names no version number.")
    return int(text)
