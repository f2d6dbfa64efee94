"""Shapes that every part of the API uses, and how a view says which ones are its own."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from flows.api.shapes.base import Shape

Handler = TypeVar("Handler", bound=Callable[..., Any])

_ERRORS: Mapping[int, str] = {
    400: "Not JSON",
    401: "Not signed in",
    403: "Not allowed, or the CSRF token is missing",
    404: "Not there, or not visible to you",
    409: "In the way of something that is there",
    412: "Somebody else published since",
    413: "What was given is larger than a run may take",
    422: "Understood, but not acceptable; `errors` says where",
    502: "The imitated system did not answer",
}


class FieldErrorShape(Shape):
    """One fault, where it is (a JSON Pointer) and what it is."""

    pointer = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    fix = serializers.CharField(required=False, help_text="Of a flow: what to do about it")
    node = serializers.CharField(required=False, help_text="Of a flow: id of the node")
    severity = serializers.ChoiceField(choices=["error", "warning"], required=False)


class ProblemShape(Shape):
    """RFC 9457. Every error of the API has this shape, as application/problem+json."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    # Through `vars` where a field carries the name of something that serializers have.
    vars()["errors"] = FieldErrorShape(many=True)
    correlation_id = serializers.CharField(required=False)


def query(
    name: str,
    description: str,
    *,
    required: bool = False,
    type_: Any = OpenApiTypes.STR,
    enum: Sequence[str] | None = None,
) -> OpenApiParameter:
    """A query parameter."""
    return OpenApiParameter(name, type_, description=description, required=required, enum=enum)


def header(name: str, description: str) -> OpenApiParameter:
    """A request header."""
    return OpenApiParameter(
        name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=description
    )


WORKSPACE = query("workspace", "Slug; needed only by people who belong to several")
ENVIRONMENT = query("environment", "Slug of an environment", required=True)
CURSOR = query("cursor", "`next` of the page before")
LIMIT = query("limit", "Rows on a page, at most 200", type_=OpenApiTypes.INT)
IDEMPOTENCY_KEY = header(
    "Idempotency-Key", "Repeating a call with the same key within a day does nothing twice"
)


def described(
    summary: str,
    *,
    answers: Mapping[int, Any],
    request: Any = None,
    parameters: Sequence[OpenApiParameter] = (),
    errors: Sequence[int] = (401, 403, 404, 422),
    tag: str,
    operation: str,
    media: str = "application/json",
) -> Callable[[Handler], Handler]:
    """Say what a view takes and gives (as `media`), its errors included."""
    problems = {
        (status, "application/problem+json"): OpenApiResponse(
            ProblemShape, description=_ERRORS[status]
        )
        for status in ([400] if request else []) + list(errors)
    }
    given = {(status, media): shape for status, shape in answers.items() if shape} | {
        status: OpenApiResponse(description="Done")
        for status, shape in answers.items()
        if not shape
    }
    decorate: Callable[[Handler], Handler] = extend_schema(
        summary=summary,
        description=summary,
        request=request,
        responses={**given, **problems},
        parameters=list(parameters),
        tags=[tag],
        operation_id=operation,
    )
    return decorate


def page_of(shape: type[Shape]) -> Any:
    """The shape of a list of `shape`."""
    name = shape.__name__.removesuffix("Shape")
    return type(
        f"{name}ListShape",
        (Shape,),
        {
            "results": shape(many=True),
            "next": serializers.CharField(
                allow_null=True, help_text="Cursor of the next page, null on the last"
            ),
            "__doc__": f"A list of {name}.",
            "__module__": shape.__module__,
        },
    )
