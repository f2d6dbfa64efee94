"""Connections, crosswalks and home."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from causeway.base.pagination import limit_of
from connectors.connections.service import (
    create_connection,
    update_connection,
)
from flows.api.shapes.common import (
    CURSOR,
    ENVIRONMENT,
    LIMIT,
    WORKSPACE,
    described,
    page_of,
)
from flows.api.shapes.places import (
    ConnectionChangeShape,
    ConnectionCreateShape,
    ConnectionShape,
    CrosswalkDetailShape,
    CrosswalkShape,
    DeliveryShape,
    HomeShape,
    HookRotateShape,
    HookSecretShape,
    LoadShape,
    TestEventShape,
)
from flows.api.view import ApiView, listing
from flows.services.connections import (
    check_now,
    connection_rows,
    find_connection,
    list_connections,
    rotate_now,
)
from flows.services.crosswalks import find_crosswalk, list_crosswalks
from flows.services.deliveries import SHOWN, deliveries_of
from flows.services.home import home
from flows.services.hook_checks import send_test_event
from flows.services.load import load_of


class ConnectionsView(ApiView):
    """/connections"""

    @described(
        "Connections of an environment",
        answers={200: page_of(ConnectionShape)},
        parameters=[ENVIRONMENT, WORKSPACE],
        tag="connections",
        operation="connections_list",
    )
    def get(self, request: Request) -> Response:
        return listing(list_connections(self.actor, self.environment))

    @described(
        "Create a connection",
        request=ConnectionCreateShape,
        answers={201: ConnectionShape},
        parameters=[WORKSPACE],
        errors=(401, 403, 404, 409, 422),
        tag="connections",
        operation="connections_create",
    )
    def post(self, request: Request) -> Response:
        given = ConnectionCreateShape(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        environment = self.environment_named(wanted.pop("environment"))
        made = create_connection(self.actor, environment=environment, **wanted)
        [row] = connection_rows(self.actor, [made])
        return Response(row, status=201)


class ConnectionView(ApiView):
    """/connections/{environment}/{slug}"""

    @described(
        "Change a connection",
        request=ConnectionChangeShape,
        answers={200: ConnectionShape},
        parameters=[WORKSPACE],
        tag="connections",
        operation="connections_change",
    )
    def patch(self, request: Request, environment: str, slug: str) -> Response:
        found = find_connection(self.actor, self.environment_named(environment), slug)
        given = ConnectionChangeShape(data=request.data)
        given.is_valid(raise_exception=True)
        changed = update_connection(self.actor, found, **given.validated_data)
        [row] = connection_rows(self.actor, [changed])
        return Response(row)


class ConnectionCheckView(ApiView):
    """/connections/{environment}/{slug}/check"""

    @described(
        "Ask the far side whether the connection works",
        answers={200: ConnectionShape},
        parameters=[WORKSPACE],
        tag="connections",
        operation="connections_check",
    )
    def post(self, request: Request, environment: str, slug: str) -> Response:
        found = find_connection(self.actor, self.environment_named(environment), slug)
        checked = check_now(self.actor, found)
        [row] = connection_rows(self.actor, [checked])
        return Response(row)


class HookSecretView(ApiView):
    """/connections/{environment}/{slug}/hook-secret"""

    @described(
        "Make a new webhook secret",
        request=HookRotateShape,
        answers={200: HookSecretShape},
        parameters=[WORKSPACE],
        tag="connections",
        operation="connections_rotate_secret",
    )
    def post(self, request: Request, environment: str, slug: str) -> Response:
        found = find_connection(self.actor, self.environment_named(environment), slug)
        given = HookRotateShape(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(rotate_now(self.actor, found, **given.validated_data))


class TestEventView(ApiView):
    """/connections/{environment}/{slug}/test-event"""

    @described(
        "Deliver a signed test event at the hook's public address",
        answers={200: TestEventShape},
        parameters=[WORKSPACE],
        errors=(401, 403, 404, 409),
        tag="connections",
        operation="connections_test_event",
    )
    def post(self, request: Request, environment: str, slug: str) -> Response:
        found = find_connection(self.actor, self.environment_named(environment), slug)
        return Response(send_test_event(self.actor, found))


class DeliveriesView(ApiView):
    """/connections/{environment}/{slug}/deliveries"""

    @described(
        "The last deliveries at the hook",
        answers={200: page_of(DeliveryShape)},
        parameters=[WORKSPACE, CURSOR, LIMIT],
        tag="connections",
        operation="connections_deliveries",
    )
    def get(self, request: Request, environment: str, slug: str) -> Response:
        found = find_connection(self.actor, self.environment_named(environment), slug)
        asked = request.query_params
        rows, next_ = deliveries_of(
            self.actor,
            found,
            cursor=asked.get("cursor", ""),
            limit=limit_of(asked.get("limit", ""), default=SHOWN),
        )
        return listing(rows, next_=next_)


class LoadView(ApiView):
    """/connections/{environment}/{slug}/load"""

    @described(
        "The load that Causeway puts on the far side",
        answers={200: LoadShape},
        parameters=[WORKSPACE],
        tag="connections",
        operation="connections_load",
    )
    def get(self, request: Request, environment: str, slug: str) -> Response:
        found = find_connection(self.actor, self.environment_named(environment), slug)
        return Response(load_of(self.actor, found, now=timezone.now()))


class CrosswalksView(ApiView):
    """/crosswalks"""

    @described(
        "Crosswalks, by name",
        answers={200: page_of(CrosswalkShape)},
        parameters=[WORKSPACE],
        tag="crosswalks",
        operation="crosswalks_list",
    )
    def get(self, request: Request) -> Response:
        return listing([_crosswalk(one) for one in list_crosswalks(self.actor, self.workspace)])


class CrosswalkView(ApiView):
    """/crosswalks/{slug}"""

    @described(
        "One crosswalk with its entries",
        answers={200: CrosswalkDetailShape},
        parameters=[WORKSPACE],
        tag="crosswalks",
        operation="crosswalks_get",
    )
    def get(self, request: Request, slug: str) -> Response:
        found = find_crosswalk(self.actor, slug, workspace=self.workspace)
        entries = [
            {"left": one.left, "right": one.right, "note": one.note, "direction": one.direction}
            for one in sorted(found.entries.all(), key=lambda one: one.id)
        ]
        return Response({**_crosswalk(found), "entries": entries})


class HomeView(ApiView):
    """/home"""

    @described(
        "Is my business flowing?",
        answers={200: HomeShape},
        parameters=[ENVIRONMENT, WORKSPACE],
        tag="home",
        operation="home_get",
    )
    def get(self, request: Request) -> Response:
        return Response(home(self.actor, self.environment, now=timezone.now()))


def _crosswalk(crosswalk: object) -> dict[str, object]:
    names = ("slug", "name", "left_label", "right_label", "changed_at", "entries_count")
    return {name: getattr(crosswalk, name) for name in names}
