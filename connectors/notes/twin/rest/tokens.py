"""Logins of the API: a JWT with claims, good for some hours [D]."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from datetime import datetime

from connectors.notes.twin.rest.problem import Problem
from connectors.notes.twin.ways import Rest
from connectors.notes.twin.world import User, World


class Tokens:
    """Signed with a key of this process; `revoke_all` is a restart of the task."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        self._world = world
        self._clock = clock
        self._key = secrets.token_bytes(32)

    @property
    def rest(self) -> Rest:
        return self._world.rest

    def revoke_all(self) -> None:
        self._key = secrets.token_bytes(32)

    def login(self, username: object, password: object) -> dict[str, object]:
        """The answer to POST /auth. Raises `Problem` 401."""
        wanted = str(username).strip().lower()
        user = next(
            (
                one
                for one in self._world.users
                if wanted in {one.username.lower(), one.name.lower()}
                and hmac.compare_digest(one.password.encode(), str(password).encode())
            ),
            None,
        )
        if user is None:
            raise Problem(401, "Invalid credentials or account locked")
        now = int(self._clock().timestamp())
        claims = {
            "iss": "Domino REST API",
            "sub": user.name,
            "iat": now,
            "exp": now + self.rest.life,
            "scope": "$DATA",
            "jti": secrets.token_hex(8),
        }
        return {
            "bearer": self._sign(claims),
            "claims": claims,
            "leeway": 5,
            "expSeconds": self.rest.life,
            "issueDate": self._clock().isoformat(),
        }

    def user(self, header: str) -> User:
        """Whose token it is. Raises `Problem` 401 for none, a wrong one or one that is over."""
        scheme, _, token = header.partition(" ")
        parts = token.split(".")
        if scheme.lower() != "bearer" or len(parts) != 3:
            raise Problem(401, "No authorization provided")
        if not hmac.compare_digest(self._mac(".".join(parts[:2])), parts[2]):
            raise Problem(401, "Invalid signature of the token")
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        if self._clock().timestamp() >= claims["exp"]:
            raise Problem(401, "The token has expired")
        return next(one for one in self._world.users if one.name == claims["sub"])

    def _sign(self, claims: dict[str, object]) -> str:
        head = ".".join(_b64(json.dumps(one)) for one in ({"alg": "HS256", "typ": "JWT"}, claims))
        return f"{head}.{self._mac(head)}"

    def _mac(self, head: str) -> str:
        mac = hmac.new(self._key, head.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def _b64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
