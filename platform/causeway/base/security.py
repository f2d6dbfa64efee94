"""Headers that tell the browser what a page of ours may do: nothing from elsewhere."""

from typing import Any, Final

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

# Style attributes come from the canvas (positions); scripts only from our own files.
_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self' {live}; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_PERMISSIONS: Final = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"


def headers_for(*, host: str, secure: bool) -> dict[str, str]:
    """The headers of a page served at `host`. Some browsers need the socket's address named."""
    live = f"{'wss' if secure else 'ws'}://{host}"
    return {
        "Content-Security-Policy": _POLICY.format(live=live),
        "Permissions-Policy": _PERMISSIONS,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


@sync_and_async_middleware
def security_headers(get_response: Any) -> Any:
    """Django middleware; stands behind CommonMiddleware, which has checked the host."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            return _with_headers(request, await get_response(request))

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        return _with_headers(request, get_response(request))

    return answer


def _with_headers(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    wanted = headers_for(host=request.get_host(), secure=request.is_secure())
    for name, value in wanted.items():
        response.headers.setdefault(name, value)
    return response
