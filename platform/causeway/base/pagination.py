"""Lists page by an opaque cursor, newest first: ids are UUIDv7 and grow with time."""

import base64
import binascii
import uuid
from typing import Any, Final

from django.db.models import Model, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from causeway.base.problems import FieldError, Problem

DEFAULT_LIMIT: Final = 50
MOST: Final = 200


class NewestFirst(BasePagination):
    """`?cursor=&limit=` in, `{results, next}` out; `next` is null on the last page.

    A row that comes in between moves no page border, unlike page numbers.
    """

    next: str | None = None

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """One page of rows in the order -id. Raises a 422 `Problem` for a foreign cursor."""
        limit = limit_of(request.query_params.get("limit", ""))
        rows: QuerySet[Model] = queryset.order_by("-pk")
        if cursor := request.query_params.get("cursor", ""):
            rows = rows.filter(pk__lt=decode(cursor))
        page = list(rows[: limit + 1])
        self.next = encode(page[limit - 1].pk) if len(page) > limit else None
        return page[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self.next})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {"type": "string", "nullable": True, "description": "Cursor"},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "schema": {"type": "string"},
                "description": "`next` of the page before",
            },
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "minimum": 1, "maximum": MOST},
                "description": "Rows on a page",
            },
        ]


def encode(last: uuid.UUID) -> str:
    """The cursor that continues after the row with this id."""
    return base64.urlsafe_b64encode(last.bytes).decode().rstrip("=")


def decode(cursor: str) -> uuid.UUID:
    """The id in a cursor of ours. Raises a 422 `Problem` for anything else."""
    try:
        return uuid.UUID(bytes=base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise _refused("cursor", "This cursor is not one of ours.") from None


def limit_of(text: str, *, default: int = DEFAULT_LIMIT) -> int:
    """How many rows a page may have. Raises a 422 `Problem`."""
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise _refused("limit", f"The limit is a whole number from 1 to {MOST}.")
    return int(text)


def _refused(parameter: str, message: str) -> Problem:
    error = FieldError(pointer=f"/{parameter}", code=parameter, message=message)
    return Problem(422, "invalid", message, errors=[error])
