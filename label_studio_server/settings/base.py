"""Settings of every installation. Each knob is read here, once, from the environment; docs/operators.md lists them."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from label_studio_server.settings.admin_panel import UNFOLD as UNFOLD
from label_studio_server.settings.database_url import socket_folder
from label_studio_server.settings.first_project import read_first_project
from label_studio_server.settings.ml_backends import read_named
from label_studio_server.settings.redis_url import broker_url
from label_studio_server.settings.refusals import refuse_unsafe

django_stubs_ext.monkeypatch()

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(env.str("LABEL_STUDIO_DIR", default=".")).resolve()

DEBUG = env.bool("DEBUG", default=False)


def _secret_key() -> str:
    """Return SECRET_KEY from the environment, else from the data directory; there is no default."""
    if key := env.str("SECRET_KEY", default=""):
        return str(key)
    key_file = DATA_DIR / "secret_key"
    if key_file.is_file():
        return key_file.read_text().strip()
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Set it in the environment, or set LABEL_STUDIO_DIR to a directory that"
        " `label-studio init` made (it keeps the key in the file secret_key)."
    )


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])

# --- Addresses ------------------------------------------------------------------------------------
EXTERNAL_URL = env.str("LABEL_STUDIO_HOST", default="").rstrip("/")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
refuse_unsafe(external_url=EXTERNAL_URL, debug=DEBUG, allowed_hosts=ALLOWED_HOSTS, secret_key=SECRET_KEY)
CSRF_TRUSTED_ORIGINS: list[str] = env.list(
    "CSRF_TRUSTED_ORIGINS", default=[EXTERNAL_URL] if EXTERNAL_URL else []
)
SERVED_OVER_HTTPS = env.bool("SERVED_OVER_HTTPS", default=EXTERNAL_URL.startswith("https://"))
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True

# --- Applications ---------------------------------------------------------------------------------
INSTALLED_APPS = [
    "apps.core",
    "apps.audit",
    "apps.jobs",
    "apps.labeling",
    "apps.accounts",
    "apps.projects",
    "apps.tasks",
    "apps.completions",
    "apps.predictions",
    "apps.comments",
    "apps.data_manager",
    "apps.imports",
    "apps.exports",
    "apps.ml",
    "apps.statistics",
    "apps.classic",
    "apps.web",
    "unfold.apps.BasicAppConfig",  # its templates go before those of Django's admin
    "apps.web.admin_config.AdminPanelConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]

MIDDLEWARE = [
    "apps.core.middleware.RequestIdMiddleware",
    "apps.audit.origin.OriginMiddleware",
    "apps.core.middleware.UnavailableMiddleware",
    "apps.core.middleware.BodySizeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.core.content_policy.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "apps.core.middleware.ApiNotFoundMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.accounts.middleware.InstanceBasicAuthMiddleware",
    "apps.web.middleware.PageMessagesMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.web.middleware.ProductErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "label_studio_server.urls"
WSGI_APPLICATION = "label_studio_server.wsgi.application"
# The API serves each address with and without the last slash; a redirect would lose the body of a POST.
APPEND_SLASH = True

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.web.context_processors.frame",
            ],
        },
    },
]

# --- Database -------------------------------------------------------------------------------------
DATABASES = {
    "default": {
        **env.db_url("DATABASE_URL", engine="apps.core.postgresql"),
        **socket_folder(env.str("DATABASE_URL")),
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: broker and cache ----------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "label-studio",
    }
}

# --- Celery: how each piece of background work is delivered; the record of work is the job's row --
CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": env.int("JOB_VISIBILITY_TIMEOUT", default=6 * 3600),
    "socket_connect_timeout": 2,  # a request that asks for a job must not hang on a broker that is away
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_TIMEZONE = "UTC"
# Loaded when a process sends its first job: importing Celery takes half a second.
JOBS_CELERY_APP = "label_studio_server.celery.app"

# --- People ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "apps.accounts.backends.EmailBackend"]
# Ten wrong passwords for one account from one address lock that pair out for a quarter of an hour.
AXES_FAILURE_LIMIT = env.int("SIGN_IN_FAILURE_LIMIT", default=10)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("SIGN_IN_LOCKOUT_MINUTES", default=15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "apps.audit.origin.client_address"
AXES_LOCKOUT_CALLABLE = "apps.web.views.signing_in.locked_out"
AXES_USERNAME_FORM_FIELD = "username"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
# Wrong API keys from one address in a minute, after which that address waits.
TOKEN_FAILURE_LIMIT = env.int("TOKEN_FAILURE_LIMIT", default=30)
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
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
LOGIN_URL = "web:sign-in"
LOGIN_REDIRECT_URL = "web:projects"
LOGOUT_REDIRECT_URL = "web:sign-in"
BASIC_AUTH_USERNAME = env.str("BASIC_AUTH_USERNAME", default="")
BASIC_AUTH_PASSWORD = env.str("BASIC_AUTH_PASSWORD", default="")

# --- Multisession mode: everybody has a project of their own, guests of the instance, too -----------
MULTI_SESSION = env.bool("MULTI_SESSION", default=False)
GUESTS_ALLOWED = MULTI_SESSION and env.bool("GUESTS_ALLOWED", default=True)
GUESTS_PER_HOUR = env.int("GUESTS_PER_HOUR", default=200)  # from one address
GUEST_LIFETIME_DAYS = env.int("GUEST_LIFETIME_DAYS", default=30)
# Guests whose projects hold completions; 0 keeps them until an administrator deletes them.
WORKING_GUEST_LIFETIME_DAYS = env.int("WORKING_GUEST_LIFETIME_DAYS", default=0)
FIRST_PROJECT = read_first_project(env.str("FIRST_PROJECT_FILE", default=""))

# --- Cookies and headers --------------------------------------------------------------------------
SESSION_ENGINE = "apps.accounts.sessions"
SESSION_COOKIE_NAME = "label_studio_session"
SESSION_COOKIE_SECURE = SERVED_OVER_HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.int("SESSION_COOKIE_AGE", default=14 * 24 * 3600)
CSRF_COOKIE_NAME = "label_studio_csrf"
CSRF_COOKIE_SECURE = SERVED_OVER_HTTPS
CSRF_FAILURE_VIEW = "apps.web.views.errors.csrf_failure"
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=3600 if SERVED_OVER_HTTPS else 0)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"

# Where the editor may load the data to label from (images, audio, text files), apart from this server.
DATA_SOURCES: list[str] = env.list("DATA_SOURCES", default=["https:", "http:"])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
    }
}

# --- Files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
# Only for servers other than ours (nginx, a bucket): `manage.py collectstatic` writes there.
STATIC_ROOT = env.str("STATIC_ROOT", default="") or None
STATICFILES_DIRS = [BASE_DIR / "frontend_build" / "dist"]
MEDIA_ROOT = DATA_DIR / "media"
EXPORT_ROOT = DATA_DIR / "export"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "apps.web.built_files.BuiltStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", default=512 * 1024 * 1024)
# The import view streams its body itself; this bounds every other request's body.
DATA_UPLOAD_MAX_MEMORY_SIZE = env.int("MAX_REQUEST_BYTES", default=64 * 1024 * 1024)
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Imports up to this size are answered when they are done; larger ones become jobs.
IMPORT_SYNC_BYTES = env.int("IMPORT_SYNC_BYTES", default=64 * 1024 * 1024)
# What browsers are told to send at once of a file that they send in parts.
UPLOAD_PART_BYTES = env.int("UPLOAD_PART_BYTES", default=8 * 1024 * 1024)
# Exports of up to so many tasks are made while the caller waits; larger ones, and those with media, become jobs.
EXPORT_SYNC_TASKS = env.int("EXPORT_SYNC_TASKS", default=1_000)
# Exports of more tasks than this are written in parts, by so many workers at most (1: never).
EXPORT_SPLIT_TASKS = env.int("EXPORT_SPLIT_TASKS", default=200_000)
EXPORT_PART_TASKS = env.int("EXPORT_PART_TASKS", default=20_000)
EXPORT_WORKERS = env.int("EXPORT_WORKERS", default=4)
# After this time an export that no job makes has lost the process that made it.
EXPORT_REQUEST_TIME = timedelta(minutes=15)
# How long the files of exports are kept.
EXPORT_KEEP = timedelta(days=env.int("EXPORT_KEEP_DAYS", default=7))
# Folders whose files /data/local-files/ serves to people who are signed in; none by default.
LOCAL_FILES_ROOTS: list[str] = [
    folder for folder in env.str("LOCAL_FILES_ROOTS", default="").split(os.pathsep) if folder
]
# Addresses (host:port) inside this server's own network that it may connect to all the same.
OUTGOING_ALLOWED_HOSTS: list[str] = env.list("OUTGOING_ALLOWED_HOSTS", default=[])
# The same for ML backends alone; a host without a port allows every port of it.
ML_ALLOWED_HOSTS: list[str] = env.list("ML_ALLOWED_HOSTS", default=[])
# Whether ML backends may be on this very machine; `label-studio start` says yes when nobody else can reach it.
ML_ALLOW_LOOPBACK = env.bool("ML_ALLOW_LOOPBACK", default=False)
# ML backends that each new project is connected to: titles by URL.
ML_BACKENDS_FOR_NEW_PROJECTS = read_named(env.list("ML_BACKENDS_FOR_NEW_PROJECTS", default=[]))

# --- REST -----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.authentication.ApiTokenAuthentication",
        "apps.accounts.authentication.InstanceBasicAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": [
        "apps.core.parsers.StrictJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["apps.core.renderers.OrjsonRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "apps.core.negotiation.OftenJson",
    "DEFAULT_PAGINATION_CLASS": "apps.core.pagination.PageNumberPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.core.error_responses.exception_handler",
    "DATETIME_FORMAT": "iso-8601",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Label Studio Server",
    "DESCRIPTION": "Projects, tasks, completions, predictions, imports, exports and jobs.",
    "VERSION": None,
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

# --- Language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = False

# --- Logging --------------------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "apps.core.request_log.RequestIdFilter"}},
    "formatters": {
        "plain": {
            "format": "{asctime} {levelname} {name} [{request_id}] {message}",
            "style": "{",
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["request_id"]}
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "axes": {"level": "ERROR"},  # the audit log has it
        "django": {"level": LOG_LEVEL},
        "django.server": {"level": LOG_LEVEL},
    },
}

# --- Work -----------------------------------------------------------------------------------------
TASK_LEASE = timedelta(minutes=max(1, env.int("TASK_LEASE_MINUTES", default=10)))

# Celery, gunicorn and the command line find the settings through this.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "label_studio_server.settings.base")

# --- E-mail: without EMAIL_URL nothing is sent, and pages show links instead ----------------------
if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_HOST = ""
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="label-studio@localhost")
