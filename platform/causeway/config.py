"""The whole configuration, read once from the environment and typed.

Nothing else in Causeway reads environment variables. With neither `CAUSEWAY_DATABASE_URL` nor
`CAUSEWAY_REDIS_URL` the private servers in the state folder are meant (`causeway.embedded`);
with both set, the same processes run against those, and then nothing may be half configured.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from causeway.environment import Reader
from causeway.errors import ConfigError
from causeway.state import StateFolder, default_state_dir, make_folder, prepare, read_secrets

_MIB: Final = 1024 * 1024
ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What every process of one installation agrees on.

    `database_pool_size` 0 opens a connection when it is needed; the web process gets a pool.
    `demo_password` takes the place of the random passwords of the demo's logins.
    `database_url` is a libpq address, `redis_url` one of redis-py (redis://, rediss://,
    unix://). `keep_days` is for how long runs that are over are kept, 0 for ever.
    `egress_allow` lists host:port pairs that connections may reach although they are private.
    `email_url` is smtp://, smtp+starttls:// or smtps://; without one no mail is sent. `embedded`
    says that the two servers are ours to start.
    """

    database_url: str
    redis_url: str
    embedded: bool
    state_dir: Path
    host: str
    port: int
    base_url: str
    demo: bool
    demo_password: str
    shop_twin_url: str
    notes_twin_url: str
    key_file: Path
    secret_key: str
    hook_max_bytes: int
    hook_window: timedelta
    hook_answer_within: timedelta
    payload_max_bytes: int
    run_memory_max_bytes: int
    run_max_events: int
    worker_processes: int
    worker_concurrency: int
    keep_days: int
    egress_allow: tuple[str, ...]
    database_pool_size: int
    email_url: str
    email_from: str
    log_format: str
    log_level: str
    debug: bool

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        """Read and check everything. Raises `ConfigError` naming the variable and the remedy."""
        read = Reader(environ)
        state = StateFolder(read.path("CAUSEWAY_STATE_DIR", default_state_dir(ROOT)))
        embedded = _servers_are_ours(read)
        secrets = read_secrets(state)
        host = read.text("CAUSEWAY_HOST", "127.0.0.1")
        port = read.integer("CAUSEWAY_PORT", 8000, least=1, most=65535)
        demo = read.flag("CAUSEWAY_DEMO")
        shop, notes = _twin_urls(read, demo=demo, port=port)
        allow = read.words("CAUSEWAY_EGRESS_ALLOW")
        config = cls(
            database_url=read.text("CAUSEWAY_DATABASE_URL", state.database_url(secrets)),
            redis_url=read.text("CAUSEWAY_REDIS_URL", state.redis_url),
            embedded=embedded,
            state_dir=state.path,
            host=host,
            port=port,
            base_url=read.url("CAUSEWAY_BASE_URL", f"http://{host}:{port}").rstrip("/"),
            demo=demo,
            demo_password=read.text("CAUSEWAY_DEMO_PASSWORD", ""),
            shop_twin_url=shop,
            notes_twin_url=notes,
            key_file=read.path("CAUSEWAY_KEY_FILE", state.key_file),
            secret_key=read.text("CAUSEWAY_SECRET_KEY", secrets.secret_key),
            hook_max_bytes=read.integer("CAUSEWAY_HOOK_MAX_BYTES", 1024 * 1024, least=1024),
            hook_window=timedelta(seconds=read.integer("CAUSEWAY_HOOK_WINDOW", 300, least=1)),
            hook_answer_within=timedelta(
                seconds=read.integer("CAUSEWAY_HOOK_ANSWER_WITHIN", 10, least=0)
            ),
            payload_max_bytes=read.integer("CAUSEWAY_PAYLOAD_MAX_BYTES", 10 * _MIB, least=_MIB),
            run_memory_max_bytes=read.integer(
                "CAUSEWAY_RUN_MEMORY_MAX_BYTES", 256 * _MIB, least=16 * _MIB, most=2**40
            ),
            run_max_events=read.integer("CAUSEWAY_RUN_MAX_EVENTS", 100_000, least=1_000),
            worker_processes=read.integer("CAUSEWAY_WORKER_PROCESSES", 2, least=1, most=64),
            worker_concurrency=read.integer("CAUSEWAY_WORKER_CONCURRENCY", 64, least=1, most=1024),
            keep_days=read.integer("CAUSEWAY_KEEP_DAYS", 90, least=0, most=36500),
            egress_allow=allow + tuple(urlsplit(url).netloc for url in (shop, notes) if url),
            database_pool_size=read.integer("CAUSEWAY_DATABASE_POOL_SIZE", 0, least=0, most=100),
            email_url=read.mail_server("CAUSEWAY_EMAIL_URL"),
            email_from=read.text("CAUSEWAY_EMAIL_FROM", ""),
            log_format=read.choice(
                "CAUSEWAY_LOG_FORMAT", "console" if embedded else "json", ("console", "json")
            ),
            log_level=read.choice(
                "CAUSEWAY_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")
            ),
            debug=read.flag("CAUSEWAY_DEBUG"),
        )
        if demo and 0 < len(config.demo_password) < 12:
            raise ConfigError("CAUSEWAY_DEMO_PASSWORD is too short.", "Give 12 characters or more.")
        if config.email_url and "@" not in config.email_from:
            raise ConfigError(
                "CAUSEWAY_EMAIL_FROM is missing.",
                "Set it to the address that mails come from, or leave out CAUSEWAY_EMAIL_URL.",
            )
        if not embedded:
            _refuse_half_configured(config, read)
        return config

    @classmethod
    def begin(cls) -> "Config":
        """Read the environment to start an installation: makes what its first start needs."""
        config = cls.from_env()
        if not config.embedded:
            make_folder(config.state_dir)
            return config
        prepare(config.state)
        return cls.from_env()  # now with the secrets that were made

    @property
    def state(self) -> StateFolder:
        """Where this installation keeps its files."""
        return StateFolder(self.state_dir)

    @property
    def broker_url(self) -> str:
        """`redis_url` in Celery's dialect, which names sockets in its own way."""
        if self.redis_url.startswith("unix://"):
            path, _, query = self.redis_url.removeprefix("unix://").partition("?")
            database = query.removeprefix("db=") or "0"
            return f"redis+socket://{path}?virtual_host={database}"
        return self.redis_url


def _servers_are_ours(read: Reader) -> bool:
    given = [name for name in ("CAUSEWAY_DATABASE_URL", "CAUSEWAY_REDIS_URL") if read.has(name)]
    if len(given) == 1:
        raise ConfigError(
            f"Only {given[0]} is set.",
            "Set CAUSEWAY_DATABASE_URL and CAUSEWAY_REDIS_URL, or neither for private servers.",
        )
    return not given


def _twin_urls(read: Reader, *, demo: bool, port: int) -> tuple[str, str]:
    """The imitated systems exist only in the demo; there they sit on the next two ports."""
    if not demo:
        return "", ""
    return (
        read.url("CAUSEWAY_SHOP_TWIN_URL", f"http://127.0.0.1:{port + 1}").rstrip("/"),
        read.url("CAUSEWAY_NOTES_TWIN_URL", f"http://127.0.0.1:{port + 2}").rstrip("/"),
    )


def _refuse_half_configured(config: Config, read: Reader) -> None:
    """Own servers mean an installation for real: every secret must be given, none invented."""
    if len(config.secret_key) < 32:
        raise ConfigError(
            "CAUSEWAY_SECRET_KEY is missing or shorter than 32 characters.",
            "Set it to a long random text, the same for every process of this installation.",
        )
    if not config.key_file.is_file():
        raise ConfigError(
            f"The key file {config.key_file} that seals credentials is missing.",
            "Make one with `causeway keys create`, or name yours in CAUSEWAY_KEY_FILE.",
        )
    if not read.has("CAUSEWAY_BASE_URL"):
        raise ConfigError(
            "CAUSEWAY_BASE_URL is missing.",
            "Set it to the address under which people and far sides reach Causeway.",
        )
