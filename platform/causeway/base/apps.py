"""The base app: workspaces, environments, tokens; logging starts with it."""

from django.apps import AppConfig
from django.conf import settings

from causeway.base import logs


class BaseConfig(AppConfig):
    """Label `base`."""

    name = "causeway.base"
    label = "base"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        logs.configure(settings.LOGGING)
