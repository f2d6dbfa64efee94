"""One number for each request, in the answer and in every log line that belongs to it."""

import re
from contextvars import ContextVar
from typing import Any, Final

import structlog
from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from causeway.base.ids import new_id

HEADER: Final = "X-Request-Id"
_USABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("correlation_id", default="")


def correlation_id() -> str:
    """The number of the request being answered; a fresh one outside any."""
    return _current.get() or str(new_id())


@sync_and_async_middleware
def request_id(get_response: Any) -> Any:
    """Django middleware: takes the caller's `X-Request-Id` if it is usable, else makes one."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            number = _begin(request)
            response: HttpResponseBase = await get_response(request)
            response[HEADER] = number
            return response

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        number = _begin(request)
        response: HttpResponseBase = get_response(request)
        response[HEADER] = number
        return response

    return answer


def _begin(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    number = given if _USABLE.fullmatch(given) else str(new_id())
    _current.set(number)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=number)
    return number
