"""`causeway replay`: run a trigger event again, through the API."""

from pathlib import Path
from typing import Any

import click
import httpx

from causeway.cli.flows import complaint
from causeway.config import Config
from causeway.errors import StartError


@click.command()
@click.argument("run_id")
@click.option("--from-node", default="", help="Where to begin. [where the run broke off]")
@click.option("--trigger-data", default="", help="Corrected trigger data, JSON object or @FILE.")
@click.option("--outputs", default="", help="Corrected outputs by node id, JSON object or @FILE.")
@click.option("--version", "number", type=int, help="Another version of the flow.")
@click.option("--url", envvar="CAUSEWAY_URL", help="Address of Causeway. [CAUSEWAY_URL]")
@click.option("--token", envvar="CAUSEWAY_TOKEN", required=True, help="[CAUSEWAY_TOKEN]")
def replay(
    run_id: str,
    from_node: str,
    trigger_data: str,
    outputs: str,
    number: int | None,
    url: str | None,
    token: str,
) -> None:
    """Replay a run and print the id of the new one. Nothing that happened happens twice."""
    wish: dict[str, Any] = {"from_node": from_node}
    if trigger_data:
        wish["trigger_data"] = _object(trigger_data, "--trigger-data")
    if outputs:
        wish["outputs"] = _object(outputs, "--outputs")
    if number is not None:
        wish["version"] = number
    from connectors.sdk.codec import dumps

    address = (url or Config.from_env().base_url).rstrip("/")
    try:
        answer = httpx.post(
            f"{address}/api/v1/runs/{run_id}/replay",
            content=dumps(wish),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            timeout=30,
        )
    except httpx.HTTPError as error:
        raise StartError(
            f"Causeway at {address} does not answer ({type(error).__name__}).",
            "Start it, or name its address with --url.",
        ) from None
    if not answer.is_success:
        raise StartError(*complaint(answer))
    click.echo(answer.json()["id"])


def _object(given: str, option: str) -> dict[str, Any]:
    """A JSON object, its fractions exact, given as text or as @FILE."""
    from connectors.sdk.codec import loads

    try:
        value = loads(Path(given[1:]).read_bytes() if given.startswith("@") else given)
    except OSError as error:
        raise click.UsageError(f"{given[1:]} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise click.UsageError(f"{option} is no JSON: {error}.") from None
    if not isinstance(value, dict):
        raise click.UsageError(f"{option} wants a JSON object.")
    return value
