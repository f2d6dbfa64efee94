"""The limits of a run that this installation is set to."""

from django.conf import settings

from flows.engine.limits import Limits


def run_limits() -> Limits:
    """Those of the environment."""
    config = settings.CAUSEWAY
    return Limits(
        payload=config.payload_max_bytes,
        memory=config.run_memory_max_bytes,
        events=config.run_max_events,
    )
