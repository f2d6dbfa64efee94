"""The flow document: its schema, its canonical form and its digest."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from connectors.sdk import codec
from flows.engine.problem import FlowInvalidError, Problem, pointer
from flows.mapping.json_schema import findings, validator

FORMAT: Final = 1


@cache
def schema() -> dict[str, Any]:
    """`flow.schema.json`, JSON Schema draft 2020-12."""
    found = codec.loads((Path(__file__).parent / "flow.schema.json").read_bytes())
    assert isinstance(found, dict)  # noqa: S101 - our own file
    return found


@cache
def _validator() -> Any:
    return validator(schema())


def check_document(document: Any) -> list[Problem]:
    """What breaks the schema; a document of a newer format gets one sentence and no more."""
    if not isinstance(document, Mapping):
        return [
            Problem(
                code="not_an_object",
                pointer="",
                message="A flow document is a JSON object.",
                fix="Send the whole document.",
            )
        ]
    number = document.get("format")
    if isinstance(number, int) and not isinstance(number, bool) and number > FORMAT:
        return [
            Problem(
                code="format_newer",
                pointer="/format",
                message=f"The flow has format {number}; known are formats up to {FORMAT}.",
                fix="Update Causeway, or export the flow in an older format.",
            )
        ]
    return [
        Problem(
            code="schema",
            pointer=pointer(*path),
            message=message,
            fix="Compare it with flow.schema.json.",
            node=_node(document, path),
        )
        for path, message in findings(_validator(), document)
    ]


def _node(document: Mapping[str, Any], path: tuple[str | int, ...]) -> str:
    if len(path) < 2 or path[0] != "nodes" or not isinstance(path[1], int):
        return ""
    node = document["nodes"][path[1]]
    id_ = node.get("id") if isinstance(node, Mapping) else None
    return id_ if isinstance(id_, str) else ""


def parse(data: bytes | str) -> dict[str, Any]:
    """A flow document out of a file. Raises `FlowInvalidError` when it is not one."""
    try:
        document = codec.loads(data)
    except ValueError as error:
        raise FlowInvalidError(
            [
                Problem(
                    code="not_json",
                    pointer="",
                    message=f"The file is not JSON: {error}",
                    fix="Correct the file at that position.",
                )
            ]
        ) from error
    problems = check_document(document)
    if problems:
        raise FlowInvalidError(problems)
    assert isinstance(document, dict)  # noqa: S101 - checked by check_document
    return document


def logic(document: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical document without `layout`: nodes by id, edges by their ends."""
    kept = {key: _exact(value) for key, value in document.items() if key != "layout"}
    kept["nodes"] = sorted(kept["nodes"], key=lambda node: str(node["id"]))
    kept["edges"] = sorted(kept["edges"], key=lambda edge: (edge["from"], edge["port"], edge["to"]))
    return kept


def canonical(document: Mapping[str, Any]) -> bytes:
    """The canonical JSON of the whole document, layout included; fit for files in Git."""
    whole = logic(document)
    if "layout" in document:
        whole["layout"] = _exact(document["layout"])
    return codec.canonical(whole)


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the canonical logic. Moving a node on the canvas does not change it."""
    return hashlib.sha256(codec.canonical(logic(document))).hexdigest()


def _exact(value: Any) -> Any:
    """One form for a number, however it was read: 1.50 is 1.5, and 2.0 is 2."""
    if isinstance(value, Mapping):
        return {key: _exact(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_exact(one) for one in value]
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        plain = value.normalize()
        return int(plain) if plain == plain.to_integral_value() else plain
    return value
