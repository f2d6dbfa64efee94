"""`causeway up`: the whole platform as child processes."""

import os

import click

from causeway.config import Config
from causeway.supervisor.supervise import Supervisor, run


def listen_options(command: click.decorators.FC) -> click.decorators.FC:
    """--host and --port, which go before their variables."""
    command = click.option("--host", help="Address to listen on. [CAUSEWAY_HOST, 127.0.0.1]")(
        command
    )
    return click.option("--port", type=int, help="Port of the web app. [CAUSEWAY_PORT, 8000]")(
        command
    )


def override(**given: str | int | None) -> None:
    """Let options take the place of variables, for this process and all its children."""
    for name, value in given.items():
        if value is not None:
            os.environ[f"CAUSEWAY_{name.upper()}"] = str(value)


@click.command()
@listen_options
def up(host: str | None, port: int | None) -> int:
    """Run the platform: servers if none are given, web, workers, beat. Ctrl-C stops all."""
    override(host=host, port=port)
    config = Config.begin()

    async def announce(supervisor: Supervisor) -> None:
        supervisor.say("causeway", f"ready at {config.base_url}")

    return run(lambda: Supervisor(config, when_ready=announce))
