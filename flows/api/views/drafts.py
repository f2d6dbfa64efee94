"""A person's draft of a flow."""

from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.shapes.common import WORKSPACE, described
from flows.api.shapes.flows import DraftSaveShape, DraftsShape
from flows.api.view import ApiView
from flows.models import Flow, FlowDraft
from flows.services import drafts as service
from flows.services.flows import find_flow


class DraftView(ApiView):
    """/flows/{slug}/draft"""

    @described(
        "Your draft, and who else has one",
        answers={200: DraftsShape},
        parameters=[WORKSPACE],
        tag="flows",
        operation="draft_get",
    )
    def get(self, request: Request, slug: str) -> Response:
        flow = find_flow(self.actor, slug, workspace=self.workspace)
        return self._answer(flow, service.find_draft(self.actor, flow))

    @described(
        "Save your draft",
        request=DraftSaveShape,
        answers={200: DraftsShape},
        parameters=[WORKSPACE],
        errors=(401, 403, 404, 409, 422),
        tag="flows",
        operation="draft_save",
    )
    def put(self, request: Request, slug: str) -> Response:
        flow = find_flow(self.actor, slug, workspace=self.workspace)
        given = DraftSaveShape(data=request.data)
        given.is_valid(raise_exception=True)
        return self._answer(flow, service.save_draft(self.actor, flow, **given.validated_data))

    @described(
        "Take your draft away",
        answers={200: DraftsShape},
        parameters=[WORKSPACE],
        errors=(401, 403, 404),
        tag="flows",
        operation="draft_delete",
    )
    def delete(self, request: Request, slug: str) -> Response:
        flow = find_flow(self.actor, slug, workspace=self.workspace)
        service.delete_draft(self.actor, flow)
        return self._answer(flow, None)

    def _answer(self, flow: Flow, draft: FlowDraft | None) -> Response:
        own = draft and {
            "document": draft.document,
            "base": draft.base,
            "revision": draft.revision,
            "updated_at": draft.updated_at,
        }
        return Response({"draft": own, "others": service.others_with_draft(self.actor, flow)})
