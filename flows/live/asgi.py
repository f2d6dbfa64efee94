"""Who may open the socket: a signed-in person, from a page of ours."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path

from flows.live.consumer import LiveConsumer

_routes: Final = AllowedHostsOriginValidator(
    AuthMiddlewareStack(URLRouter([path("ws/live", LiveConsumer.as_asgi())]))
)


async def app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[Any]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """ASGI 3 for everything below /ws/."""
    if scope["type"] != "websocket":
        await send({"type": "http.response.start", "status": 426, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    if scope["path"] != "/ws/live":
        await send({"type": "websocket.close", "code": 4404})
        return
    await _routes(scope, receive, send)
