"""`causeway flow check` and `causeway run`."""

import json
from pathlib import Path
from typing import Any

import click
import httpx

from causeway.config import Config
from causeway.errors import StartError


@click.group()
def flow() -> None:
    """Flow documents."""


@flow.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON, for programs.")
def check(files: tuple[Path, ...], as_json: bool) -> int:
    """Find every fault of the documents. Needs no server; exit code 1 when a flow is refused."""
    from connectors.catalog import default_catalog
    from flows.engine.compile import check_flow

    catalog = default_catalog()
    findings: list[dict[str, Any]] = []
    for file in files:
        document, fault = _read(file)
        found = [fault] if fault else [one.to_dict() for one in check_flow(document, catalog)]
        findings += [{"file": str(file), **one} for one in found]
        if not as_json:
            for one in found:
                click.echo(_line(file, one))
            if not found:
                click.echo(f"{file}: no fault")
    if as_json:
        click.echo(json.dumps(findings, indent=2))
    return 1 if any(one["severity"] == "error" for one in findings) else 0


@click.command()
@click.argument("slug")
@click.option("--environment", required=True)
@click.option("--entity-id", required=True, help="The record that the run is about.")
@click.option("--data", "data_json", default="{}", help="Data of the trigger event, JSON object.")
@click.option("--node", default="", help="Trigger node, where the flow has several.")
@click.option("--url", envvar="CAUSEWAY_URL", help="Address of Causeway. [CAUSEWAY_URL]")
@click.option("--token", envvar="CAUSEWAY_TOKEN", required=True, help="[CAUSEWAY_TOKEN]")
def run(
    slug: str,
    environment: str,
    entity_id: str,
    data_json: str,
    node: str,
    url: str | None,
    token: str,
) -> None:
    """Start runs of a deployed flow through the API, and print their ids."""
    try:
        data = json.loads(data_json)
    except ValueError as error:
        raise click.UsageError(f"--data is no JSON: {error}.") from None
    address = (url or Config.from_env().base_url).rstrip("/")
    trigger: dict[str, Any] = {"entity_id": entity_id, "data": data}
    if node:
        trigger["node"] = node
    try:
        answer = httpx.post(
            f"{address}/api/v1/flows/{slug}/runs",
            json={"environment": environment, "trigger": trigger},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
    except httpx.HTTPError as error:
        raise StartError(
            f"Causeway at {address} does not answer ({type(error).__name__}).",
            "Start it, or name its address with --url.",
        ) from None
    if not answer.is_success:
        raise StartError(*complaint(answer))
    for run_id in answer.json()["run_ids"]:
        click.echo(run_id)


def _read(file: Path) -> tuple[Any, dict[str, Any] | None]:
    """The document, or what kept it from being read."""
    from connectors.sdk.codec import loads

    try:
        return loads(file.read_bytes()), None
    except ValueError as error:
        fault = {
            "code": "not_json",
            "pointer": "",
            "message": f"The file is no JSON: {error}.",
            "fix": "Repair its syntax.",
            "node": "",
            "severity": "error",
        }
        return None, fault


def _line(file: Path, one: dict[str, Any]) -> str:
    fix = f" {one['fix']}" if one["fix"] else ""
    place = one["pointer"] or "/"
    return f"{file}: {one['severity']} {one['code']} at {place}: {one['message']}{fix}"


def complaint(answer: httpx.Response) -> tuple[str, str]:
    """What went wrong according to the API, and where."""
    try:
        problem = answer.json()
        lines = [f"{one['pointer']}: {one['message']}" for one in problem["errors"]]
        return str(problem["detail"]), "\n".join(["", *lines]) if lines else ""
    except (ValueError, KeyError, TypeError):
        return f"Causeway answered {answer.status_code}.", "Look into its log."
