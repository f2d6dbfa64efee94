"""Links: browse, link, unlink, look now, pairs in and out."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
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
    query,
)
from flows.api.shapes.sync import (
    STATES,
    ImportedShape,
    LinkDetailShape,
    LinkShape,
    NewLinkShape,
    PairsShape,
    RefreshedShape,
)
from flows.api.view import ApiView, listing
from flows.services import link_pairs
from flows.services import links as service

ENTITY = query("entity", "Only links of this entity")


class LinksView(ApiView):
    """/links"""

    @described(
        "Links of an environment, newest first",
        answers={200: page_of(LinkShape)},
        parameters=[
            ENVIRONMENT,
            ENTITY,
            query("state", "Only links in this state", enum=STATES),
            query("q", "Beginning of a label, or an id of one of the records"),
            CURSOR,
            LIMIT,
            WORKSPACE,
        ],
        tag="sync",
        operation="links_list",
    )
    def get(self, request: Request) -> Response:
        given = request.query_params
        found = service.list_links(
            self.actor,
            self.environment,
            entity=given.get("entity", ""),
            state=given.get("state", ""),
            q=given.get("q", ""),
        )
        page, next_ = self.page(request, found)
        return listing(service.link_rows(self.actor, page), next_=next_)

    @described(
        "Say that two records are the same thing",
        request=NewLinkShape,
        answers={201: LinkDetailShape},
        parameters=[IDEMPOTENCY_KEY, WORKSPACE],
        errors=(401, 403, 404, 409, 422),
        tag="sync",
        operation="links_create",
    )
    def post(self, request: Request) -> Response:
        given = NewLinkShape(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        environment = self.environment_named(wanted.pop("environment"))

        def act() -> Response:
            made = service.create_link(self.actor, environment, **wanted)
            return Response(service.link_detail(self.actor, made), status=201)

        return once(request, act)


class LinkView(ApiView):
    """/links/{id}"""

    @described(
        "One link: what both sides said last, what was proven, what stands in the inbox",
        answers={200: LinkDetailShape},
        tag="sync",
        operation="links_get",
    )
    def get(self, request: Request, link_id: str) -> Response:
        link = service.find_link(self.actor, as_uuid(link_id, "link"))
        return Response(service.link_detail(self.actor, link))

    @described(
        "Forget that two records belong together; both stay as they are",
        answers={204: None},
        errors=(401, 403, 404, 409),
        tag="sync",
        operation="links_delete",
    )
    def delete(self, request: Request, link_id: str) -> Response:
        service.unlink(self.actor, service.find_link(self.actor, as_uuid(link_id, "link")))
        return Response(status=204)


class LinkRefreshView(ApiView):
    """/links/{id}/refresh"""

    @described(
        "Look at the record now",
        answers={202: RefreshedShape},
        errors=(401, 403, 404, 409, 422),
        tag="sync",
        operation="links_refresh",
    )
    def post(self, request: Request, link_id: str) -> Response:
        link = service.find_link(self.actor, as_uuid(link_id, "link"))
        runs = service.refresh(self.actor, link)
        return Response({"run_ids": [one.pk for one in runs]}, status=202)


class LinkPairsView(ApiView):
    """/links/pairs"""

    @described(
        "Pairs of an entity as CSV",
        answers={200: OpenApiTypes.STR},
        parameters=[ENVIRONMENT, query("entity", "Of which entity", required=True), WORKSPACE],
        tag="sync",
        operation="link_pairs_export",
        media="text/csv",
    )
    def get(self, request: Request) -> HttpResponse:
        entity = request.query_params.get("entity", "")
        lines = link_pairs.export_pairs(self.actor, self.environment, entity=entity)
        answer = HttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="links.csv"'
        return answer

    @described(
        "Make links of pairs that are known already",
        request=PairsShape,
        answers={200: ImportedShape},
        parameters=[WORKSPACE],
        tag="sync",
        operation="link_pairs_import",
    )
    def post(self, request: Request) -> Response:
        given = PairsShape(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        told = link_pairs.import_pairs(
            self.actor,
            self.environment_named(wanted["environment"]),
            entity=wanted["entity"],
            text=wanted["csv"],
        )
        return Response(told)
