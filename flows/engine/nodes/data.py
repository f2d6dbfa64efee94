"""Nodes about data: map, validate."""

from collections.abc import Mapping
from typing import Any

from connectors.sdk.errors import ConfigurationError, RejectedError
from flows.engine.expression import ExpressionError
from flows.engine.node_compiler import NodeCompiler
from flows.engine.nodes.node import Evaluate, Moment, NodeKind, NodeType, Result, params_schema
from flows.engine.nodes.repeat import MAX_ITEMS
from flows.engine.problem import pointer
from flows.mapping.document import SCHEMA as FIELDS
from flows.mapping.document import compile_mapping
from flows.mapping.json_schema import SchemaLimitError, findings, schema_fault, validator

MAX_VIOLATIONS = 50


def _map(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    fields = compiler.at("fields")
    if "items" not in params:
        if "on_item_error" in params:
            compiler.at("on_item_error").problem(
                "on_item_error_needless",
                "This map makes one object, so no element of a list can fail.",
                "Name the list in `items`, or remove `on_item_error`.",
            )
        mapping = compile_mapping(params["fields"], fields)
        return lambda moment: Result(output=mapping.apply(moment.names, moment.crosswalks))
    read = compiler.at("items").value(params["items"])
    each = compile_mapping(params["fields"], fields.naming("item", "index"))
    collect = params.get("on_item_error") == "collect"

    def evaluate(moment: Moment) -> Result:
        items = read(moment.names)
        if type(items) is not list:
            raise ExpressionError("items_not_a_list", "The items of a map have to be a list.")
        if len(items) > MAX_ITEMS:
            raise ExpressionError(
                "too_many_items", f"A map takes at most {MAX_ITEMS} items, not {len(items)}."
            )
        names = dict(moment.names)
        mapped: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        for index, item in enumerate(items):
            names["item"], names["index"] = item, index
            try:
                mapped.append(each.apply(names, moment.crosswalks))
            except RejectedError as error:
                told = _of_item(error, index)
                if not collect:
                    raise told from error
                failed.append({"index": index, "error": told.to_dict()})
        return Result(output={"items": mapped, "failed": failed})

    return evaluate


def _of_item(error: RejectedError, index: int) -> RejectedError:
    return RejectedError(
        f"Item {index}: {error.message}",
        code=error.code,
        fix=error.fix,
        detail={**error.detail, "index": index},
    )


def _validate(params: Mapping[str, Any], compiler: NodeCompiler) -> Evaluate:
    read = compiler.at("value").value(params["value"]) if "value" in params else None
    check = None
    if "schema" in params:
        fault = schema_fault(params["schema"])
        if fault:
            compiler.at("schema").problem("validate_schema", fault, "Correct the schema.")
        elif read is None:
            compiler.at("schema").problem(
                "validate_value", "There is a schema and no value to check.", "Add `value`."
            )
        else:
            check = validator(params["schema"])
    rules = [
        (compiler.at("rules", index, "when").condition(rule["when"]), rule)
        for index, rule in enumerate(params.get("rules", []))
    ]

    def evaluate(moment: Moment) -> Result:
        violations: list[dict[str, Any]] = []
        if check is not None and read is not None:
            try:
                found = findings(check, read(moment.names))
            except SchemaLimitError as error:
                raise ConfigurationError(
                    str(error), code="validate_limit", fix="Make the node's schema simpler."
                ) from error
            for path, message in found:
                violations.append(
                    {"severity": "error", "message": message, "pointer": pointer(*path)}
                )
        for broken, rule in rules:
            if broken(moment.names):
                violations.append(
                    {"severity": rule.get("severity", "error"), "message": rule["message"]}
                )
        errors = [one for one in violations if one["severity"] == "error"]
        output = {"valid": not errors, "violations": violations[:MAX_VIOLATIONS]}
        if errors and "invalid" not in moment.wired:
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            raise RejectedError(
                errors[0]["message"] + more,
                code="validation",
                fix="Correct the record where it comes from, then replay the run.",
                detail=output,
            )
        return Result(output=output, ports=("invalid",) if errors else ("out",))

    return evaluate


MAP = NodeType(
    type="data.map@1",
    title="Map",
    summary="Makes the fields of one side out of those of the other.",
    icon="arrows",
    hue="data",
    kind=NodeKind.DATA,
    params=params_schema(
        ["fields"],
        fields=FIELDS,
        items={
            "title": "Items",
            "type": ["string", "array"],
            "description": "Map each element of this list; fields then see `item` and `index`.",
            "x-widget": "expression",
        },
        on_item_error={
            "enum": ["stop", "collect"],
            "default": "stop",
            "title": "When an item fails",
            "description": "With items: stop fails this step; collect lists the failed items.",
        },
    ),
    output={
        "type": "object",
        "description": "The mapped object; with items, `items` and `failed` (index, error)",
    },
    build=_map,
)
VALIDATE = NodeType(
    type="data.validate@1",
    title="Validate",
    summary="Checks a value against a schema and business rules.",
    icon="check",
    hue="data",
    kind=NodeKind.DATA,
    ports=("out", "invalid"),
    params={
        **params_schema(
            [],
            value={"title": "Value", "x-widget": "expression"},
            schema={"type": "object", "title": "JSON Schema"},
            rules={
                "type": "array",
                "title": "Rules",
                "items": {
                    "type": "object",
                    "required": ["when", "message"],
                    "additionalProperties": False,
                    "properties": {
                        "when": {
                            "type": "string",
                            "minLength": 1,
                            "title": "Violated when",
                            "x-widget": "expression",
                        },
                        "severity": {"enum": ["error", "warning"], "default": "error"},
                        "message": {"type": "string", "minLength": 1, "maxLength": 500},
                    },
                },
            },
        ),
        "anyOf": [{"required": ["schema"]}, {"required": ["rules"]}],
    },
    output={
        "type": "object",
        "properties": {
            "valid": {"type": "boolean"},
            "violations": {"type": "array", "items": {"type": "object"}},
        },
    },
    build=_validate,
)
