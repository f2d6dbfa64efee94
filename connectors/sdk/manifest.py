"""manifest.json: what a connector says of itself, checked when it is read.

Marks inside its JSON Schemas: `x-personal` on personal data, `x-secret` on what no person may
read back, `x-literal` on a text that is code over there, so that no expression may stand in it.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from connectors.sdk.common import with_common_settings
from connectors.sdk.connector import Connector

_SCHEMA = Path(__file__).with_name("manifest.schema.json")


class ManifestError(ValueError):
    """A manifest that breaks the schema; the message lists every place."""


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))


def load_manifest(path: Path) -> Mapping[str, Any]:
    """Read and validate a manifest file.

    The settings that every connection has are added (`connectors.sdk.common`). Raises
    `ManifestError` with one line a problem, and `OSError` when there is no such file.
    """
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ManifestError(f"{path}: not JSON: {error}") from error
    problems = list(manifest_problems(manifest))
    if problems:
        raise ManifestError(f"{path}:\n" + "\n".join(problems))
    return with_common_settings(manifest)


def manifest_problems(manifest: Any) -> Iterable[str]:
    """Every way in which `manifest` breaks the schema, each with its place."""
    errors = sorted(_validator().iter_errors(manifest), key=lambda one: list(map(str, one.path)))
    for error in errors:
        yield f"/{'/'.join(map(str, error.absolute_path))}: {error.message}"
    if errors:
        return
    for place, schema in _embedded_schemas(manifest):
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            yield f"{place}: not a JSON Schema: {error.message}"
    prefix = f"{manifest['id']}."
    for entry in (*manifest["operations"], *manifest["triggers"]):
        if not entry["name"].startswith(prefix):
            yield f"{entry['name']}: a name starts with the connector's id, {prefix!r}"


def _embedded_schemas(manifest: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for part in ("settings", "secrets"):
        yield f"/connection/{part}", manifest["connection"][part]
    for entry in manifest["operations"]:
        yield f"{entry['name']}/input", entry["input"]
        yield f"{entry['name']}/output", entry["output"]
    for entry in manifest["triggers"]:
        yield f"{entry['name']}/params", entry["params"]
        yield f"{entry['name']}/output", entry["output"]


def disagreements(connector: Connector) -> list[str]:
    """Where the code and the manifest of a connector tell different stories.

    Each operation and trigger stands in both; a write can be repeated or probed; a trigger that
    polls has a poll, one with hooks is on a connector that reads hooks.
    """
    manifest = connector.manifest
    specs = {f"{one['name']}@{one['version']}": one for one in manifest["operations"]}
    code = {one.type: one for one in connector.operations}
    problems = [f"operation {type_} has no code" for type_ in specs if type_ not in code]
    problems += [
        f"operation {type_} is not in the manifest" for type_ in code if type_ not in specs
    ]
    for type_ in specs.keys() & code.keys():
        spec, operation = specs[type_], code[type_]
        if spec["probe"] != (operation.probe is not None):
            problems.append(f"operation {type_}: manifest and code differ about the probe")
        if spec["effect"] == "write" and not (spec["probe"] or spec["idempotent"]):
            problems.append(f"operation {type_} writes, is not idempotent and has no probe")
    trigger_specs = {f"{one['name']}@{one['version']}": one for one in manifest["triggers"]}
    triggers = {one.type: one for one in connector.triggers}
    problems += [f"trigger {type_} has no code" for type_ in trigger_specs if type_ not in triggers]
    problems += [
        f"trigger {type_} is not in the manifest"
        for type_ in triggers
        if type_ not in trigger_specs
    ]
    for type_ in trigger_specs.keys() & triggers.keys():
        modes = trigger_specs[type_]["modes"]
        if ("poll" in modes) != (triggers[type_].poll is not None):
            problems.append(f"trigger {type_}: manifest and code differ about polling")
        if "hook" in modes and connector.read_hook is None:
            problems.append(f"trigger {type_} takes hooks, yet the connector reads none")
    return sorted(problems)
