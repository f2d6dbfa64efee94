"""Links in e-mails: each lets one person decide one question, until its deadline."""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404

from causeway.base.actors import Actor, person
from flows.models import Approval
from flows.services.approvals import may_decide, visible_to

_SALT: Final = "causeway.approval"
PATH: Final = "/approve/"


def link_for(approval: Approval, user: User) -> str:
    """The address under which `user` decides without signing in. It is as good as their password
    for this one question, and worth nothing once that is decided."""
    token = signing.dumps([approval.pk.hex, user.pk], salt=_SALT)
    return f"{settings.CAUSEWAY.base_url}{PATH}{token}"


def read_link(token: str) -> tuple[Actor, Approval]:
    """Who asks and what for. Raises `Http404` for what is no link of ours, and where its holder
    may no longer decide (the account is closed, the role was taken away)."""
    try:
        approval_id, user_id = signing.loads(token, salt=_SALT)
        actor = person(User.objects.get(pk=user_id))
        approval = visible_to(actor).filter(pk=UUID(approval_id)).first()
    except (signing.BadSignature, User.DoesNotExist, PermissionDenied, ValueError, TypeError):
        raise _no_link() from None
    if approval is None or not may_decide(actor, approval):
        raise _no_link()
    return actor, approval


def _no_link() -> Http404:
    return Http404("This link leads to nothing. It may have been cut off by your mail program.")
