"""The web process: hooks and live events go past Django, everything else through it."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "causeway.settings")

from django.core.asgi import get_asgi_application

_django = get_asgi_application()

# Models load only after Django is set up.
from causeway.base import garbage  # noqa: E402
from causeway.web import BundleFiles  # noqa: E402
from flows import ingress, live  # noqa: E402

_bundle = BundleFiles()


async def application(scope: Any, receive: Any, send: Any) -> None:
    """ASGI 3. `lifespan` goes to the ingress, which owns long-lived database connections."""
    if scope["type"] == "lifespan":
        garbage.look_seldom()
        await ingress.app(scope, receive, send)
        return
    path: str = scope.get("path", "")
    if path.startswith("/hooks/"):
        await ingress.app(scope, receive, send)
    elif path.startswith("/ws/"):
        await live.app(scope, receive, send)
    elif scope["type"] != "http":
        await send({"type": "websocket.close", "code": 4404})
    elif BundleFiles.serves(path):
        await _bundle(scope, receive, send)
    else:
        await _django(scope, receive, send)
