"""`causeway demo`: the platform, both imitated systems and the example flows."""

import asyncio
import json
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import click

from causeway.cli import setup
from causeway.cli.twins import WORLD
from causeway.cli.up import listen_options, override
from causeway.config import Config
from causeway.errors import StartError
from causeway.spawn import Spawn
from causeway.state import write_private
from causeway.supervisor import household, ports
from causeway.supervisor.supervise import Supervisor, run

LOGINS = {"analyst": "analyst", "operator": "operator", "admin": "administrator"}
_NAMES = {"analyst": "Ada Analyst", "operator": "Oskar Operator", "admin": "Alma Admin"}


@click.command()
@listen_options
def demo(host: str | None, port: int | None) -> int:
    """Run the platform with an imitated shop and Domino server and the example flows."""
    override(host=host, port=port, demo=1)
    config = Config.begin()
    twins = {"prestashop": config.shop_twin_url, "notes": config.notes_twin_url}
    for system, url in twins.items():
        ports.require_free(
            "127.0.0.1",
            _port(url),
            purpose=f"the {system} twin",
            remedy="Stop that one, or choose another --port: the twins take the two after it.",
        )
    passwords = logins(config)
    beside = [_twin(config, system, url) for system, url in twins.items()]
    return run(
        lambda: Supervisor(config, beside=beside, when_ready=lambda it: _furnish(it, passwords))
    )


@click.command(hidden=True)
def demo_logins() -> None:
    """Make the demo's users with their roles and passwords; part of `causeway demo`."""
    config = setup.begin()
    from django.contrib.auth.models import User

    from causeway.base.actors import system
    from causeway.base.models import Workspace
    from governance.roles import Role, grant_role

    actor = system("demo")
    for username, password in logins(config).items():
        first, last = _NAMES[username].split(" ")
        user, _ = User.objects.get_or_create(
            username=username, defaults={"first_name": first, "last_name": last}
        )
        if not user.check_password(password):
            user.set_password(password)
            user.save()
        for workspace in Workspace.objects.all():
            grant_role(actor, user=user, workspace=workspace, role=Role(LOGINS[username]))


def logins(config: Config) -> dict[str, str]:
    """Username to password, made once; `CAUSEWAY_DEMO_PASSWORD` sets them all."""
    state = config.state
    if config.demo_password:
        return dict.fromkeys(LOGINS, config.demo_password)
    if not state.logins_file.exists():
        made = {name: secrets.token_urlsafe(9) for name in LOGINS}
        write_private(state.logins_file, json.dumps(made))
    try:
        known: dict[str, str] = json.loads(state.logins_file.read_text())
        return {name: known[name] for name in LOGINS}
    except (ValueError, KeyError, TypeError):
        raise StartError(
            f"{state.logins_file} is damaged.", "Delete it: new passwords are made at the start."
        ) from None


async def _furnish(supervisor: Supervisor, passwords: dict[str, str]) -> None:
    """Deploy the example flows, let the logins in, and say where everything is."""
    await supervisor.finish(
        household.command("examples", "deploy_examples"),
        trouble="The example flows cannot be deployed.",
    )
    await supervisor.finish(
        household.python("logins", "-m", "causeway.cli", "demo-logins"),
        trouble="The demo's logins cannot be made.",
    )
    await asyncio.sleep(0)  # the last lines of both come before the table
    click.echo(table(supervisor.config, passwords))


def table(config: Config, passwords: dict[str, str]) -> str:
    """What a person needs to begin, as text."""
    addresses = {
        "Causeway": config.base_url,
        "API description": f"{config.base_url}/api/v1/schema",
        "Imitated shop": config.shop_twin_url,
        "Imitated Domino": config.notes_twin_url,
        "State folder": str(config.state_dir),
    }
    width = max(len(name) for name in addresses)
    lines = ["", "  Causeway is ready.", ""]
    lines += [f"  {name:<{width}}  {value}" for name, value in addresses.items()]
    lines += ["", f"  {'Login':<{width}}  Password"]
    lines += [f"  {name:<{width}}  {password}" for name, password in passwords.items()]
    lines += ["", "  Ctrl-C stops everything; the data stays for the next start.", ""]
    return "\n".join(lines)


def _twin(config: Config, system: str, url: str) -> Spawn:
    name = {"prestashop": "shop", "notes": "notes"}[system]
    data: Path = config.state.twins_dir / f"{name}.json"
    return household.twin(system, port=_port(url), data=data, world=WORLD / f"{name}.json")


def _port(url: str) -> int:
    parts = urlsplit(url)
    if parts.port is None or parts.hostname != "127.0.0.1":
        raise StartError(
            f"{url} is no place for a twin.", "Twins listen on http://127.0.0.1:PORT only."
        )
    return parts.port
