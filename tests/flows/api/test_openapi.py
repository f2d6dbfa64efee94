"""docs/openapi.yaml says what the API is now."""

from pathlib import Path
from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

FILE = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"


# drf-spectacular carries no types.
GENERATOR: Any = SchemaGenerator
RENDERER: Any = OpenApiYamlRenderer
VALIDATE: Any = validate_schema


def schema_now() -> dict[str, Any]:
    found: dict[str, Any] = GENERATOR().get_schema(request=None, public=True)
    return found


def test_the_file_is_current() -> None:
    schema = schema_now()
    current = RENDERER().render(schema, renderer_context={}).decode()
    assert FILE.read_text(encoding="utf-8") == current, (
        "Renew it: python manage.py spectacular --file docs/openapi.yaml"
    )


def test_the_document_is_valid_and_every_operation_tells_its_errors() -> None:
    schema = schema_now()
    VALIDATE(schema)
    operations = [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    assert len(operations) > 20
    for path, method, operation in operations:
        if path != "/api/v1/session":
            assert "401" in operation["responses"], (path, method)
        if method != "get":
            assert set(operation["responses"]) & {"403", "422"}, (path, method)


def test_no_address_ends_with_a_slash() -> None:
    schema = schema_now()
    assert not [path for path in schema["paths"] if path.endswith("/")]
