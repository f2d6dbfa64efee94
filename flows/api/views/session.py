"""Signing in and out, and who one is."""

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.middleware.csrf import get_token
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from causeway.base.actors import person
from causeway.base.models import Environment, Workspace
from causeway.base.permissions import permissions_of, workspaces_visible_to
from causeway.base.problems import Problem
from causeway.base.scope import MEMBERSHIP
from causeway.base.tokens import SignedInAuthentication
from flows.api.shapes.common import WORKSPACE, described
from flows.api.shapes.places import LoginShape, SessionShape
from flows.api.view import ApiView


class SessionView(ApiView):
    """/session"""

    permission_classes = (AllowAny,)

    @described(
        "Who am I?",
        answers={200: SessionShape},
        parameters=[WORKSPACE],
        errors=(),
        tag="session",
        operation="session_get",
    )
    def get(self, request: Request) -> Response:
        return Response(session_of(request))

    @described(
        "Sign in",
        request=LoginShape,
        answers={200: SessionShape},
        errors=(401, 403, 422),
        tag="session",
        operation="session_create",
    )
    def post(self, request: Request) -> Response:
        # DRF asks only people who are signed in for the token; without it here, a stranger's
        # page could sign somebody in as somebody else.
        SignedInAuthentication().enforce_csrf(request)
        given = LoginShape(data=request.data)
        given.is_valid(raise_exception=True)
        django_request = request._request
        user = authenticate(
            django_request,
            username=given.validated_data["username"],
            password=given.validated_data["password"],
        )
        if user is None:
            raise Problem(401, "login_failed", "User name and password do not fit.")
        login(django_request, user)
        request.user = user
        return Response(session_of(request))

    @described(
        "Sign out", answers={204: None}, errors=(403,), tag="session", operation="session_delete"
    )
    def delete(self, request: Request) -> Response:
        SignedInAuthentication().enforce_csrf(request)
        logout(request._request)
        return Response(status=204)


def session_of(request: Request) -> dict[str, Any]:
    """The session as the web app needs it at its start."""
    user = request.user
    answer: dict[str, Any] = {
        "user": None,
        "workspace": None,
        "permissions": [],
        "environments": [],
        "demo": settings.CAUSEWAY.demo,
        "csrf": get_token(request._request),
    }
    if not isinstance(user, User) or not user.is_active:
        return answer
    actor = person(user)
    wanted = request.query_params.get("workspace", "")
    mine = workspaces_visible_to(actor, MEMBERSHIP).order_by("slug")
    workspace: Workspace | None = (mine.filter(slug=wanted) if wanted else mine).first()
    answer["user"] = {
        "username": user.get_username(),
        "name": user.get_full_name() or user.get_username(),
        "initials": _initials(user),
    }
    if workspace is not None:
        answer["workspace"] = workspace.slug
        answer["permissions"] = sorted(permissions_of(actor, workspace))
        answer["environments"] = list(
            Environment.objects.filter(workspace=workspace)
            .order_by("created_at", "id")
            .values("slug", "name", "kind")
        )
    return answer


def _initials(user: User) -> str:
    words = [user.first_name, user.last_name] if user.first_name else [user.get_username()]
    return "".join(word[0] for word in words if word).upper()
