"""`manage.py deploy_examples`: what `causeway demo` runs once everything is up."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from causeway.base.actors import system
from causeway.base.problems import Problem
from flows.services.examples import deploy_examples


class Command(BaseCommand):
    help = "Deploy the example flows between the two imitated systems of the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.CAUSEWAY.demo:
            raise CommandError("This is not a demo. Start `causeway demo`.")
        try:
            versions = deploy_examples(system("demo"))
        except Problem as problem:
            lines = [problem.detail]
            lines += [f"{one['pointer']}: {one['message']}" for one in problem.errors]
            raise CommandError("\n".join(lines)) from None
        for version in versions:
            self.stdout.write(f"{version.flow.name} v{version.number} is deployed in Demo.")
