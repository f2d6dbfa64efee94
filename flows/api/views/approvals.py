"""Questions that runs put to people: list, look, decide."""

from rest_framework.request import Request
from rest_framework.response import Response

from causeway.base.scope import as_uuid
from flows.api.shapes.approvals import ApprovalShape, DecisionShape
from flows.api.shapes.common import CURSOR, ENVIRONMENT, LIMIT, WORKSPACE, described, page_of
from flows.api.view import ApiView, listing
from flows.engine.nodes.approval import Decision
from flows.services import approvals as service


class ApprovalsView(ApiView):
    """/approvals"""

    @described(
        "Open approvals, newest first",
        answers={200: page_of(ApprovalShape)},
        parameters=[ENVIRONMENT, CURSOR, LIMIT, WORKSPACE],
        tag="approvals",
        operation="approvals_list",
    )
    def get(self, request: Request) -> Response:
        found = service.open_approvals(self.actor, self.environment)
        page, next_ = self.page(request, found)
        return listing(service.approval_rows(self.actor, page), next_=next_)


class ApprovalView(ApiView):
    """/approvals/{id}"""

    @described(
        "One approval, open or decided",
        answers={200: ApprovalShape},
        errors=(401, 403, 404),
        tag="approvals",
        operation="approvals_retrieve",
    )
    def get(self, request: Request, approval_id: str) -> Response:
        found = service.find_approval(self.actor, as_uuid(approval_id, "approval"))
        [row] = service.approval_rows(self.actor, [found])
        return Response(row)


class ApprovalDecideView(ApiView):
    """/approvals/{id}/decide"""

    @described(
        "Approve or reject; the run goes on with it",
        request=DecisionShape,
        answers={200: ApprovalShape},
        errors=(401, 403, 404, 409, 422),
        tag="approvals",
        operation="approvals_decide",
    )
    def post(self, request: Request, approval_id: str) -> Response:
        given = DecisionShape(data=request.data)
        given.is_valid(raise_exception=True)
        decided = service.decide(
            self.actor,
            service.find_approval(self.actor, as_uuid(approval_id, "approval")),
            Decision(given.validated_data["decision"]),
            comment=given.validated_data["comment"],
        )
        [row] = service.approval_rows(self.actor, [decided])
        return Response(row)
