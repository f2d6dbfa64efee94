"""Suggested mappings, and what the workspace learns from accepting and rejecting them."""

from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.shapes.common import WORKSPACE, described, page_of
from flows.api.shapes.mapping import (
    MappingCountShape,
    MappingLearnShape,
    MappingSuggestionsShape,
    MappingSuggestShape,
    MappingVerdictShape,
)
from flows.api.view import ApiView, listing
from flows.services.mapping import forget, learn, list_verdicts, suggest_mapping


class MappingSuggestView(ApiView):
    """/mapping/suggest"""

    @described(
        "Suggest which target field is made of which source field",
        request=MappingSuggestShape,
        answers={200: MappingSuggestionsShape},
        parameters=[WORKSPACE],
        tag="mapping",
        operation="mapping_suggest",
    )
    def post(self, request: Request) -> Response:
        given = MappingSuggestShape(data=request.data)
        given.is_valid(raise_exception=True)
        found = suggest_mapping(self.actor, workspace=self.workspace, **given.validated_data)
        return Response({"results": found})


class MappingVerdictsView(ApiView):
    """/mapping/verdicts"""

    @described(
        "All that was learnt, for a look and for export",
        answers={200: page_of(MappingVerdictShape)},
        parameters=[WORKSPACE],
        errors=(401, 403, 404),
        tag="mapping",
        operation="mapping_verdicts_list",
    )
    def get(self, request: Request) -> Response:
        return listing(list_verdicts(self.actor, self.workspace))

    @described(
        "Tell which suggestions were accepted and which rejected",
        request=MappingLearnShape,
        answers={200: MappingCountShape},
        parameters=[WORKSPACE],
        tag="mapping",
        operation="mapping_verdicts_add",
    )
    def post(self, request: Request) -> Response:
        given = MappingLearnShape(data=request.data)
        given.is_valid(raise_exception=True)
        count = learn(
            self.actor, workspace=self.workspace, verdicts=given.validated_data["verdicts"]
        )
        return Response({"count": count})

    @described(
        "Forget all that was learnt",
        answers={200: MappingCountShape},
        parameters=[WORKSPACE],
        errors=(401, 403, 404),
        tag="mapping",
        operation="mapping_verdicts_reset",
    )
    def delete(self, request: Request) -> Response:
        return Response({"count": forget(self.actor, workspace=self.workspace)})
