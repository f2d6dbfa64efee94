"""Logs: one line an event, for people (console) or machines (JSON), with secrets taken out."""

import logging.config
import re
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

REDACTED: Final = "[redacted]"
_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)?$|secret|token$|api_?key|ws_key|secure_key|authorization|cookie"
    r"|credential|signature|fernet",
    re.IGNORECASE,
)
_SECRET_TEXT: Final = (
    (re.compile(r"(?i)\b(basic|bearer)\s+[A-Za-z0-9+/=_.~-]{6,}"), r"\1 " + REDACTED),
    (re.compile(r"(?i)\b(ws_key|api_key|token|password|secret)=[^&\s\"']+"), r"\1=" + REDACTED),
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"), REDACTED),
)


def redact(value: Any) -> Any:
    """The value without secrets: by name in mappings, by shape in texts. Copies, never changes."""
    if isinstance(value, str):
        for pattern, instead in _SECRET_TEXT:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, dict):
        return {
            key: REDACTED if _SECRET_NAME.search(str(key)) and item else redact(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return type(value)(redact(item) for item in value)
    return value


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """structlog processor: nothing secret passes, whoever logged it."""
    return {
        key: item if key in ("exc_info", "_record", "_from_structlog") else cleaned
        for (key, item), cleaned in zip(event.items(), redact(dict(event)).values(), strict=True)
    }


def redact_rendered(_logger: Any, _method: str, text: str) -> str:
    """Tracebacks are text only after rendering: look once more."""
    return str(redact(text))


class NoProbes(logging.Filter):
    """Somebody asking whether we are ready yet is no error, whatever the answer."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(getattr(record, "request", None), "path", "") != "/readyz"


_SHARED: Final[list[Any]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    redact_event,
]


def logging_settings(form: str, level: str) -> dict[str, Any]:
    """A `logging.config.dictConfig` for `form` console or json."""
    final: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if form == "json":
        final += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        final.append(
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            )
        )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "causeway": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [*final, redact_rendered],
            }
        },
        "filters": {"no_probes": {"()": NoProbes}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "causeway",
                "filters": ["no_probes"],
            },
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            name: {"level": "WARNING"}
            for name in (
                *("httpx", "httpcore", "uvicorn.access", "uvicorn.error", "axes"),
                *("celery.app.trace", "celery.beat", "celery.worker.strategy"),
            )
        },
    }


def configure(settings: dict[str, Any]) -> None:
    """Put the settings to work for `logging` and structlog in this process."""
    logging.config.dictConfig(settings)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
