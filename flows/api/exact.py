"""JSON at the rim of the API: fractions stay exact on the way in and on the way out."""

from collections.abc import Mapping
from typing import IO, Any

import msgspec
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from connectors.sdk.codec import loads


def _plain(value: Any) -> Any:
    # Texts of Django and DRF that are translated late or carry a code.
    return str(value)


_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_plain)


class ExactJSONParser(BaseParser):
    """Fractions become Decimal."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read()
        if not body:
            return {}
        try:
            content = loads(body)
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {error}") from None
        if b"\\u0000" in body and _holds_nul(content):
            raise ParseError("A text holds the character U+0000, which cannot be stored.")
        return content


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(_holds_nul(one) for one in value)


class ExactJSONRenderer(BaseRenderer):
    """Decimals become numbers with all their digits; instants ISO 8601 in UTC."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else _encoder.encode(data)

    @staticmethod
    def plain(data: Any) -> Any:
        """`data` as a reader gets it: JSON values only."""
        return loads(_encoder.encode(data))


@extend_schema_field({"type": "object", "additionalProperties": True})
class ObjectField(serializers.Field[dict[str, Any], Any, Any, Any]):
    """Any JSON object, taken as it is."""

    default_error_messages = {"not_an_object": "A JSON object is expected."}  # noqa: RUF012 - DRF's

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({})
class AnyField(serializers.Field[Any, Any, Any, Any]):
    """Any JSON value."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value
