"""`manage.py suggest_mapping`: the same as `causeway suggest-mapping`; needs no database."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connectors.sdk.codec import dumps, loads
from flows.mapping import command


class Command(BaseCommand):
    help = "Answer one JSON object from standard input; its `task` says what is to be done."
    requires_system_checks: list[str] = []  # noqa: RUF012 (as Django declares it)

    def handle(self, *args: Any, **options: Any) -> None:
        source = sys.stdin.buffer.read()
        try:
            found = command.answer(loads(source))
        except command.CommandError as error:
            raise CommandError(str(error)) from None
        except ValueError as error:
            raise CommandError(f"The input is no JSON: {error}.") from None
        self.stdout.write(dumps(found).decode())
