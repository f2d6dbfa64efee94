"""Holds answers against docs/openapi.yaml: what the document promises is what comes."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from jsonschema import Draft202012Validator


@cache
def _document() -> dict[str, Any]:
    text = (Path(settings.BASE_DIR) / "docs" / "openapi.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def check_answer(method: str, path: str, answer: Any) -> None:
    """Fail unless the status is declared and the body has the declared shape."""
    # Of two patterns that fit, the one with fewer places to fill in is meant.
    for pattern, operations in sorted(_document()["paths"].items(), key=_places):
        shape = "^" + re.sub(r"\{[^}]+\}", "[^/]+", pattern) + "$"
        if re.match(shape, path.split("?")[0]) and method.lower() in operations:
            break
    else:
        raise AssertionError(f"{method} {path} is not described")
    responses = operations[method.lower()]["responses"]
    assert str(answer.status_code) in responses, f"{method} {path}: {answer.status_code} undeclared"
    content = responses[str(answer.status_code)].get("content")
    if content is None:
        return
    media = answer.headers["Content-Type"].split(";")[0]
    if media == "text/csv":
        assert media in content, f"{method} {path}: {media} undeclared"
        return
    schema = {**content[media]["schema"], "components": _document()["components"]}
    errors = list(Draft202012Validator(_as_json_schema(schema)).iter_errors(answer.json()))
    assert not errors, f"{method} {path}: {errors[0].message} at {list(errors[0].absolute_path)}"


def _places(one: tuple[str, Any]) -> int:
    return one[0].count("{")


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has the type null; here nothing may be
    there that is not described."""
    if isinstance(node, list):
        return [_as_json_schema(one) for one in node]
    if not isinstance(node, dict):
        return node
    found = {key: _as_json_schema(value) for key, value in node.items() if key != "nullable"}
    if node.get("type") == "object" and "properties" in node:
        found.setdefault("additionalProperties", False)
    if node.get("nullable"):
        return {"anyOf": [found, {"type": "null"}]}
    return found
