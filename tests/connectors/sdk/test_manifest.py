"""A manifest is checked when it is read, and its code with it."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from connectors.sdk.connector import CheckResult, Connector
from connectors.sdk.manifest import ManifestError, disagreements, load_manifest
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult

MANIFEST: dict[str, Any] = {
    "id": "crm",
    "name": "CRM",
    "hue": "logic",
    "icon": "world",
    "summary": "A CRM.",
    "connection": {
        "settings": {"type": "object", "properties": {"base_url": {"type": "string"}}},
        "secrets": {
            "type": "object",
            "properties": {"token": {"type": "string", "writeOnly": True, "x-secret": True}},
        },
    },
    "operations": [
        {
            "name": "crm.contact.create",
            "version": 1,
            "title": "Create",
            "summary": "Creates.",
            "icon": "plus",
            "effect": "write",
            "idempotent": False,
            "probe": True,
            "entity": "contact",
            "ports": ["out"],
            "input": {"type": "object", "properties": {}},
            "output": {"type": "object"},
        }
    ],
    "triggers": [],
}


async def check(ctx: OperationContext) -> CheckResult:
    return CheckResult(ok=True, message="")


async def run(ctx: OperationContext, params: Any) -> OperationResult:
    return OperationResult(output={})


async def probe(ctx: OperationContext, params: Any) -> ProbeResult:
    return ProbeResult(happened=False)


CREATE = Operation(name="crm.contact.create", version=1, run=run, probe=probe)


def stored(tmp_path: Path, manifest: Any) -> Path:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(manifest))
    return path


def changed(**operation: Any) -> dict[str, Any]:
    manifest = copy.deepcopy(MANIFEST)
    manifest["operations"][0].update(operation)
    return manifest


def test_a_good_manifest_is_read(tmp_path: Path) -> None:
    assert load_manifest(stored(tmp_path, MANIFEST))["id"] == "crm"


@pytest.mark.parametrize(
    ("manifest", "place"),
    [
        (changed(probe=False), "/operations/0"),
        (changed(effect="sideways"), "/operations/0/effect"),
        (changed(name="other.contact.create"), "connector's id"),
        (changed(input={"type": "object", "properties": {"a": {"type": "nonsense"}}}), "Schema"),
        ({**MANIFEST, "id": "No Spaces"}, "/id"),
        ({**MANIFEST, "extra": 1}, "extra"),
    ],
)
def test_a_bad_manifest_is_refused_with_its_place(
    tmp_path: Path, manifest: Any, place: str
) -> None:
    with pytest.raises(ManifestError, match=place):
        load_manifest(stored(tmp_path, manifest))


def test_a_secret_that_can_be_read_back_is_refused(tmp_path: Path) -> None:
    manifest = copy.deepcopy(MANIFEST)
    manifest["connection"]["secrets"]["properties"]["token"] = {"type": "string"}
    with pytest.raises(ManifestError, match="/connection/secrets"):
        load_manifest(stored(tmp_path, manifest))


def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text("{")
    with pytest.raises(ManifestError, match="not JSON"):
        load_manifest(path)


def test_manifest_and_code_agree() -> None:
    assert disagreements(Connector(manifest=MANIFEST, check=check, operations=[CREATE])) == []


def test_missing_and_extra_code_is_told() -> None:
    other = Operation(name="crm.contact.drop", version=1, run=run, probe=probe)
    problems = disagreements(Connector(manifest=MANIFEST, check=check, operations=[other]))
    assert problems == [
        "operation crm.contact.create@1 has no code",
        "operation crm.contact.drop@1 is not in the manifest",
    ]


def test_a_promised_probe_must_exist() -> None:
    without = Operation(name="crm.contact.create", version=1, run=run)
    (problem,) = disagreements(Connector(manifest=MANIFEST, check=check, operations=[without]))
    assert "probe" in problem
