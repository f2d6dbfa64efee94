"""Live events: the WebSocket at /ws/live."""

from flows.live.asgi import app

__all__ = ["app"]
