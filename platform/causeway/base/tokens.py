"""API tokens: how the command line and CI sign in."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from causeway.base.models import ApiToken

_PREFIX: Final = "cwy_"
_USED_EVERY: Final = timedelta(minutes=1)  # last_used_at is a hint, not worth a write a request


def create_token(*, user: User, name: str) -> tuple[ApiToken, str]:
    """A new token and its text, which is shown this once: only its digest is stored."""
    text = _PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(user=user, name=name, prefix=text[:10], digest=_digest(text))
    return token, text


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        kind, _, text = get_authorization_header(request).decode("latin-1").partition(" ")
        if kind.lower() != "bearer":
            return None
        token = (
            ApiToken.objects.select_related("user")
            .filter(digest=_digest(text.strip()), user__is_active=True)
            .first()
        )
        if token is None:
            raise AuthenticationFailed("The token is unknown or its account is closed.")
        now = timezone.now()
        if token.last_used_at is None or now - token.last_used_at > _USED_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Causeway"'


class SignedInAuthentication(SessionAuthentication):
    """The browser's session; asks for the CSRF token on every change."""

    def authenticate_header(self, request: Request) -> Any:
        return "Session"


def _digest(text: str) -> str:
    """The text carries 256 random bits: a plain hash is safe and can be looked up."""
    return hashlib.sha256(text.encode()).hexdigest()
