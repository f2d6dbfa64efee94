"""Django's settings, all derived from `causeway.config.Config`."""

import secrets
from typing import Any
from urllib.parse import unquote, urlsplit

from psycopg.conninfo import conninfo_to_dict

import connectors.sdk  # noqa: F401  its formats, before any app imports jsonschema
from causeway.base.logs import logging_settings
from causeway.config import ROOT, Config

CAUSEWAY = Config.from_env()

BASE_DIR = ROOT
DEBUG = CAUSEWAY.debug
# Before the first start there is none yet: then nothing that is signed outlives the process.
SECRET_KEY = CAUSEWAY.secret_key or secrets.token_urlsafe(48)
SECURE_BASE_URL = CAUSEWAY.base_url.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "drf_spectacular",
    "guardian",
    "axes",
    "channels",
    "causeway.base",
    "connectors.connections",
    "flows",
    "governance",
]

MIDDLEWARE = [
    "causeway.base.requests.request_id",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "causeway.base.security.security_headers",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "causeway.urls"
ASGI_APPLICATION = "causeway.asgi.application"
TEMPLATES: list[dict[str, Any]] = []
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _database(address: str, pool_size: int) -> dict[str, Any]:
    """Django's form of a libpq address; what Django has no key for goes to the driver."""
    known = conninfo_to_dict(address)
    options: dict[str, Any] = {
        key: value
        for key, value in known.items()
        if key not in ("dbname", "user", "password", "host", "port")
    }
    if pool_size:
        options["pool"] = {"min_size": 0, "max_size": pool_size, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": known.get("dbname", ""),
        "USER": known.get("user", ""),
        "PASSWORD": known.get("password", ""),
        "HOST": known.get("host", ""),
        "PORT": str(known.get("port", "")),
        "OPTIONS": options,
    }


DATABASES = {"default": _database(CAUSEWAY.database_url, CAUSEWAY.database_pool_size)}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CAUSEWAY.redis_url,
        "KEY_PREFIX": "causeway",
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [CAUSEWAY.redis_url], "prefix": "causeway"},
    }
}

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ANONYMOUS_USER_NAME = None  # guardian: nobody is signed in as nobody

AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "causeway.base.problems.locked_out"
AXES_SENSITIVE_PARAMETERS = ["password", "username", "ip_address"]
AXES_VERBOSE = False

_HOST = urlsplit(CAUSEWAY.base_url).hostname or ""
ALLOWED_HOSTS = [f"[{_HOST}]" if ":" in _HOST else _HOST]
if CAUSEWAY.embedded:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [CAUSEWAY.base_url]
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = SECURE_BASE_URL
CSRF_FAILURE_VIEW = "causeway.base.problems.csrf_failure"
SESSION_COOKIE_NAME = "causeway_session"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SECURE_BASE_URL
SESSION_COOKIE_AGE = 12 * 60 * 60
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if SECURE_BASE_URL else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_BASE_URL else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024  # flow documents; hooks have their own limit

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "causeway.base.tokens.TokenAuthentication",
        "causeway.base.tokens.SignedInAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "causeway.base.pagination.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "causeway.base.problems.handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Causeway",
    "DESCRIPTION": "Flows, runs and connections between HCL Domino and PrestaShop.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Enums stay where they are used: many shapes have a `state`, each with its own words.
    "POSTPROCESSING_HOOKS": [],
}

_MAIL = urlsplit(CAUSEWAY.email_url)
EMAIL_BACKEND = (
    f"django.core.mail.backends.{'smtp' if CAUSEWAY.email_url else 'dummy'}.EmailBackend"
)
EMAIL_HOST = _MAIL.hostname or ""
EMAIL_USE_SSL = _MAIL.scheme == "smtps"
EMAIL_USE_TLS = _MAIL.scheme == "smtp+starttls"
EMAIL_PORT = _MAIL.port or (465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25)
EMAIL_HOST_USER = unquote(_MAIL.username or "")
EMAIL_HOST_PASSWORD = unquote(_MAIL.password or "")
EMAIL_TIMEOUT = 10  # seconds

LOGGING_CONFIG = None
LOGGING = logging_settings(CAUSEWAY.log_format, CAUSEWAY.log_level)
