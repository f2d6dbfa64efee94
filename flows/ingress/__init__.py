"""The rim: `POST /hooks/{token}`, a bare ASGI app in front of Django."""

from flows.ingress.asgi import app

__all__ = ["app"]
