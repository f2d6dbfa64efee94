"""`manage.py rotate_keys`: a new key file key, every secret sealed anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connectors.connections.vault import VaultError, rotate_keys


class Command(BaseCommand):
    help = "Put a new key into the key file and seal the secrets of all connections anew."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = rotate_keys()
        except VaultError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{count} secrets are sealed with a new key.")
