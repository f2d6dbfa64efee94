"""Governance as a Django app: it listens to every act and keeps the log."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"
    label = "governance"
    verbose_name = "Governance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from causeway.base import audit as registry
        from governance.audit import keep

        registry.listen(keep)
