"""The demo's two imitated systems: look at them, act in them, break them."""

from typing import cast

from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from flows.api.exact import ObjectField
from flows.api.shapes.common import WORKSPACE, described
from flows.api.shapes.places import SandboxShape
from flows.api.view import ApiView
from flows.services import sandbox as service
from flows.services.twins import Twin

_ERRORS = (401, 403, 404, 422, 502)


class SandboxView(ApiView):
    """/sandbox"""

    @described(
        "Both systems as they are now",
        answers={200: SandboxShape},
        parameters=[WORKSPACE],
        errors=_ERRORS,
        tag="sandbox",
        operation="sandbox_get",
    )
    def get(self, request: Request) -> Response:
        return Response(service.sandbox_state(self.actor, self.workspace))


class ShopOrdersView(ApiView):
    """/sandbox/shop/orders"""

    @described(
        "Place an order in the shop",
        request=OpenApiTypes.OBJECT,
        answers={201: OpenApiTypes.OBJECT},
        parameters=[WORKSPACE],
        errors=_ERRORS,
        tag="sandbox",
        operation="sandbox_order",
    )
    def post(self, request: Request) -> Response:
        order = ObjectField().run_validation(request.data)
        return Response(service.place_order(self.actor, self.workspace, order), status=201)


class NotesDocumentView(ApiView):
    """/sandbox/notes/documents/{unid}"""

    @described(
        "Save a document as a Notes user",
        request=OpenApiTypes.OBJECT,
        answers={200: OpenApiTypes.OBJECT},
        parameters=[WORKSPACE],
        errors=_ERRORS,
        tag="sandbox",
        operation="sandbox_document",
    )
    def post(self, request: Request, unid: str) -> Response:
        change = ObjectField().run_validation(request.data)
        return Response(service.save_document(self.actor, self.workspace, unid, change))


class FaultsView(ApiView):
    """/sandbox/{shop|notes}/faults"""

    @described(
        "Break or repair a system",
        request=OpenApiTypes.OBJECT,
        answers={200: OpenApiTypes.OBJECT},
        parameters=[WORKSPACE],
        errors=_ERRORS,
        tag="sandbox",
        operation="sandbox_faults",
    )
    def post(self, request: Request, twin: str) -> Response:
        faults = ObjectField().run_validation(request.data)
        return Response(service.set_faults(self.actor, self.workspace, cast(Twin, twin), faults))


class ResetView(ApiView):
    """/sandbox/reset"""

    @described(
        "Both systems as at the first start",
        answers={200: SandboxShape},
        parameters=[WORKSPACE],
        errors=_ERRORS,
        tag="sandbox",
        operation="sandbox_reset",
    )
    def post(self, request: Request) -> Response:
        return Response(service.reset(self.actor, self.workspace))
