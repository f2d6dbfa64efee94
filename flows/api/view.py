"""What every view shares: the actor, exact JSON, the workspace and environment it means."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from causeway.base.actors import Actor, person
from causeway.base.models import Environment, Workspace
from causeway.base.pagination import NewestFirst
from causeway.base.problems import Problem
from causeway.base.scope import environment_of, workspace_of
from flows.api.exact import ExactJSONParser, ExactJSONRenderer


class ApiView(APIView):
    """A view for people and programs that have signed in."""

    parser_classes = (ExactJSONParser,)
    renderer_classes = (ExactJSONRenderer,)
    pagination_class = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        for name, value in request.query_params.items():
            if "\x00" in value:
                raise Problem(422, "invalid", f"{name} holds a character that no text has here.")

    @property
    def actor(self) -> Actor:
        return person(self.request.user)

    @property
    def workspace(self) -> Workspace:
        """`?workspace=`, or the only one that the actor belongs to."""
        return workspace_of(self.actor, self.request.query_params.get("workspace", ""))

    @property
    def environment(self) -> Environment:
        """`?environment=`, which must be given."""
        return self.environment_named(self.request.query_params.get("environment", ""))

    def environment_named(self, slug: str) -> Environment:
        return environment_of(
            self.actor, slug, workspace=self.request.query_params.get("workspace", "")
        )

    def page(self, request: Request, rows: Any) -> tuple[list[Any], str | None]:
        """One page of rows, newest first, and the cursor of the next."""
        pagination = NewestFirst()
        return pagination.paginate_queryset(rows, request, self), pagination.next


def listing(rows: list[Any], *, next_: str | None = None) -> Response:
    """Every list has this shape."""
    return Response({"results": rows, "next": next_})
