"""Who acts: a signed-in person, or a part of the system under its own name."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Every service function takes one. `user` is None exactly for a part of the system."""

    name: str
    user: User | None = None

    @property
    def is_system(self) -> bool:
        """Whether the platform itself acts, for example the sweeper or the demo's set-up."""
        return self.user is None

    def __str__(self) -> str:
        return f"system:{self.name}" if self.is_system else self.name


def person(user: User | AnonymousUser) -> Actor:
    """The actor of a request. Raises `PermissionDenied` for nobody and for closed accounts."""
    if isinstance(user, AnonymousUser) or not user.is_active:
        raise PermissionDenied("Sign in first.")
    return Actor(name=user.get_username(), user=user)


def system(name: str) -> Actor:
    """A named part of the system, allowed to do what it exists for."""
    if not name:
        raise ValueError("a system actor needs a name")
    return Actor(name=name)
