"""Every error of the platform as `application/problem+json` (RFC 9457).

Members: `type`, `title`, `status`, `detail`, `code`, `errors[{pointer, code, message}]`, and
`correlation_id` where the reason stays in the log.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import structlog
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response

from causeway.base.requests import correlation_id
from connectors.sdk.codec import dumps

log = structlog.get_logger(__name__)

CONTENT_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One fault of what was sent; `pointer` is a JSON Pointer into it."""

    pointer: str
    code: str
    message: str

    def to_dict(self) -> dict[str, str]:
        return {"pointer": self.pointer, "code": self.code, "message": self.message}


class Problem(Exception):
    """Raise it anywhere below a view; the handlers turn it into the answer.

    `errors` may hold richer mappings than `FieldError`, as long as the three members are there.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        title: str = "",
        errors: Iterable[FieldError | Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.title = title or HTTPStatus(status).phrase
        self.errors = [
            one.to_dict() if isinstance(one, FieldError) else dict(one) for one in errors
        ]
        self.headers = dict(headers or {})

    def to_dict(self) -> dict[str, Any]:
        return {
            "type": f"urn:causeway:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "errors": self.errors,
        }


def handler(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: whatever a view raises leaves as a problem."""
    problem = _problem_of(error)
    if problem is None:
        log.exception("request failed", path=_path(context), error=type(error).__name__)
        problem = unexpected()
    if auth_header := getattr(error, "auth_header", None):
        problem.headers["WWW-Authenticate"] = auth_header
    if wait := getattr(error, "wait", None):
        problem.headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return Response(
        _body(problem), status=problem.status, headers=problem.headers, content_type=CONTENT_TYPE
    )


def answer(problem: Problem) -> HttpResponse:
    """The problem as Django's response, for what happens outside DRF."""
    return HttpResponse(
        dumps(_body(problem)),
        status=problem.status,
        headers=problem.headers,
        content_type=CONTENT_TYPE,
    )


def unexpected() -> Problem:
    """A fault of ours: the reader gets a number to quote, the log has the rest."""
    return Problem(500, "unexpected", "Something went wrong on our side. The log says what.")


def bad_request(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400."""
    return answer(Problem(400, "bad_request", "The request cannot be understood."))


def forbidden(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler403."""
    return answer(Problem(403, "permission_denied", _said(exception, "You may not do this.")))


def not_found(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404."""
    return answer(Problem(404, "not_found", "There is nothing at this address."))


def server_error(_request: HttpRequest) -> HttpResponse:
    """Django's handler500; Django has logged the error by then."""
    return answer(unexpected())


def csrf_failure(_request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    return answer(
        Problem(403, "csrf", "The CSRF token is missing or wrong. Reload the page and try again.")
    )


def locked_out(_request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
    """Answer of django-axes after too many failed logins."""
    return answer(
        Problem(
            429,
            "locked_out",
            "Too many failed logins. Wait a quarter of an hour.",
            headers={"Retry-After": "900"},
        )
    )


def _problem_of(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if isinstance(error, Http404):
        return Problem(404, "not_found", _said(error, "There is nothing with this name."))
    if isinstance(error, PermissionDenied):
        return Problem(403, "permission_denied", _said(error, "You may not do this."))
    if isinstance(error, exceptions.ValidationError):
        return Problem(
            422,
            "invalid",
            "Some of what was sent cannot be accepted.",
            errors=list(_field_errors(error.detail, "")),
        )
    if isinstance(error, exceptions.APIException):
        return Problem(error.status_code, _code(error), str(error.detail))
    return None


def _code(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes if isinstance(codes, str) else "invalid"


def _field_errors(detail: Any, pointer: str) -> Iterable[FieldError]:
    """DRF nests its complaints like the data; JSON Pointers say the same in a line each."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            below = pointer if key == "non_field_errors" else f"{pointer}/{_escaped(str(key))}"
            yield from _field_errors(inner, below)
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            is_text = isinstance(inner, str)
            yield from _field_errors(inner, pointer if is_text else f"{pointer}/{index}")
    else:
        yield FieldError(
            pointer=pointer, code=getattr(detail, "code", "invalid"), message=str(detail)
        )


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _body(problem: Problem) -> dict[str, Any]:
    body = problem.to_dict()
    if problem.status >= 500:
        body["correlation_id"] = correlation_id()
    return body


def _said(error: Exception | None, default: str) -> str:
    text = str(error) if error else ""
    return text or default


def _path(context: dict[str, Any]) -> str:
    request = context.get("request")
    return request.path if request is not None else ""
