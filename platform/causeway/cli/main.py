"""The root of the command, and how its errors look: one sentence and the remedy."""

import errno
import sys
from collections.abc import Sequence

import click

from causeway.cli.accounts import token, user
from causeway.cli.connections import connection
from causeway.cli.demo import demo, demo_logins
from causeway.cli.doctor import doctor
from causeway.cli.environments import environment
from causeway.cli.far_side import far_side
from causeway.cli.flows import flow, run
from causeway.cli.keys import keys
from causeway.cli.mapping import COMMANDS as MAPPING
from causeway.cli.replays import replay
from causeway.cli.twins import twin
from causeway.cli.up import up
from causeway.errors import StartError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="causeway")
def root() -> None:
    """Causeway, the bridge that proves every record arrived."""


for command in (
    up,
    demo,
    doctor,
    flow,
    run,
    replay,
    twin,
    environment,
    connection,
    far_side,
    user,
    token,
    keys,
    demo_logins,
    *MAPPING,
):
    root.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. No error that a person can repair shows a traceback."""
    try:
        code = root.main(args=None if arguments is None else list(arguments), standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except StartError as error:
        return _complain(error.trouble, error.remedy)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        where = f" ({error.filename})" if error.filename else ""
        return _complain(
            f"Nothing more can be written to the disk{where}: {error.strerror}.",
            "Free some space there, or name another folder in CAUSEWAY_STATE_DIR.",
        )
    return code if isinstance(code, int) else 0


def _complain(trouble: str, remedy: str) -> int:
    sys.stdout.flush()
    click.echo(f"causeway: {trouble} {remedy}".rstrip(), err=True)
    return 1
