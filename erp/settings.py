"""Settings, driven by environment variables (see .env.example). Each part switches on its own; nothing else changes."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
import structlog
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from erp.core.api.enums import ENUM_NAMES

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

# Where everything lies that the product writes: the SQLite file, photos, collected static files.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# What access keys of marketplaces are encrypted with, the newest first; none: a key that follows from SECRET_KEY.
CREDENTIAL_KEYS = env.list("CREDENTIAL_KEYS", default=[])
# Where other companies' servers reach Jangbu; else as the browser of whoever starts an export did.
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/")
# Where a shop of Shopify answers; a stand-in of one's own in tests.
SHOPIFY_ADDRESS = env.str("SHOPIFY_ADDRESS", default="https://{shop}")
DEBUG = env.bool("DEBUG", default=False)
# Whether webhooks may go to machines of one's own network, and unencrypted: for development, or a closed network.
WEBHOOKS_TO_PRIVATE = env.bool("WEBHOOKS_TO_PRIVATE", default=False)
WEBHOOKS_UNENCRYPTED = env.bool("WEBHOOKS_UNENCRYPTED", default=DEBUG)
HTTPS = env.bool("HTTPS", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
REDIS_URL = env.str("REDIS_URL", default="")
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

ROOT_URLCONF = "erp.urls"
WSGI_APPLICATION = "erp.wsgi.application"
ASGI_APPLICATION = "erp.asgi.application"
AUTH_USER_MODEL = "core.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "axes",
    "auditlog",
    "django_filters",
    "django_htmx",
    "django_q",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "rest_framework",
    "template_partials",
    "erp.core",
    "catalog",
    "erp.inventory",
    "erp.counting",
    "erp.labels",
    "erp.trade",
    "erp.exchange",
    "erp.channels",
    "erp.reports",
    "erp.demo",
    "vision",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "erp.core.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "erp.core.api.limits.RateLimitMiddleware",
    "erp.core.api.deprecation.DeprecationMiddleware",
    "erp.core.audit.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "erp.core.middleware.ContentSecurityPolicyMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "erp.core.middleware.DomainErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "catalog.context.navigation",
                "erp.menu.menu",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "erp.core.templatetags.jangbu"],
        },
    }
]


def sqlite_options() -> dict[str, Any]:
    """WAL and immediate transactions: writers queue for the lock instead of failing in mid-transaction."""
    return {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000; "
        "PRAGMA recursive_triggers=ON;",  # or INSERT OR REPLACE would slip past the ledger's guard
    }


def database() -> dict[str, Any]:
    """The database of DATABASE_URL, or SQLite in var/."""
    url = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'jangbu.sqlite3'}"
    config: dict[str, Any] = env.db_url_config(url)
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = sqlite_options() | config.get("OPTIONS", {})
        # In-memory test databases cannot be shared by the processes and threads that the tests start.
        config["TEST"] = {"NAME": env.str("TEST_DB", default=str(VAR_DIR / "test.sqlite3"))}
    else:
        # The ledger prepares its statements; a plan that serves every call is made once. Other queries are not touched.
        config["OPTIONS"] = {"options": "-c plan_cache_mode=force_generic_plan"} | config.get("OPTIONS", {})
        config["CONN_MAX_AGE"] = 60
        config["CONN_HEALTH_CHECKS"] = True
    return config


DATABASES = {"default": database()}

CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 10_000}}
}

# Background jobs. `retry` is above `timeout`, or a long job would run twice.
VISION_QUEUE = env.str("VISION_QUEUE", default="light")
# How many photos a worker of each queue looks at together: few where a person waits for the first, many on a GPU.
VISION_BATCH = {"light": env.int("VISION_BATCH", default=4), "heavy": env.int("VISION_BATCH_HEAVY", default=32)}
# What runs the models: "cpu", "cuda", or "auto" for a GPU that PyTorch can use, else the CPU.
VISION_DEVICE = env.str("VISION_DEVICE", default="auto")
# What finds the garment: "network" (shipped), or "rembg" where somebody installed it (pip install "rembg[cpu]").
VISION_SEGMENTER = env.str("VISION_SEGMENTER", default="network")
# Whether the model learns from people's answers every week (it proposes, a person activates), for how many minutes,
# from how many newly answered photos on, and with which training data mixed in (a folder; blank: the answers alone).
RETRAIN = env.bool("RETRAIN", default=False)
RETRAIN_MINUTES = env.int("RETRAIN_MINUTES", default=60)
RETRAIN_LEAST = env.int("RETRAIN_LEAST", default=200)
RETRAIN_DATA = env.str("RETRAIN_DATA", default="")
BROKER: dict[str, Any] = {"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}
Q_CLUSTER: dict[str, Any] = {
    "name": "light",
    "workers": env.int("WORKERS", default=1),
    "timeout": 120,
    "retry": 180,
    "max_attempts": 3,
    "ack_failures": True,
    "catch_up": False,
    "recycle": 500,
    "save_limit": 1000,
    "poll": 0.1,
    "guard_cycle": 1,
    "queue_limit": 50,
    "label": "Jobs",
    "ALT_CLUSTERS": {"heavy": {"workers": 1, "timeout": 600, "retry": 900}},
    **BROKER,
}

# People
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = reverse_lazy("login")
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = reverse_lazy("login")
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_CLIENT_IP_CALLABLE = "erp.core.handlers.client_address"
AXES_LOCKOUT_CALLABLE = "erp.core.handlers.locked_out"
AXES_RESET_ON_SUCCESS = True

# Who changed what (catalog.audit)
AUDITLOG_LOGENTRY_MODEL = "catalog.Change"
AUDITLOG_STORE_JSON_CHANGES = True
MIGRATION_MODULES = {"auditlog": None}  # its own table would stay empty
# How long changes are kept; 0: for ever. Law asks for years (Korea: five for books, ten for what matters in them).
CHANGES_KEPT_DAYS = env.int("CHANGES_KEPT_DAYS", default=0)
# How long a client with a copy may be away and still learn what was deleted meanwhile.
SYNC_KEPT_DAYS = env.int("SYNC_KEPT_DAYS", default=180)

# How long the files of exports and of orders are kept; their records stay. 0: for ever.
CHANNEL_FILES_KEPT_DAYS = env.int("CHANNEL_FILES_KEPT_DAYS", default=400)

# Language and time
LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["erp.core.formats"]
TIME_ZONE = "Asia/Seoul"
USE_TZ = True

# Files
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"
AWS_STORAGE_BUCKET_NAME = env.str("AWS_STORAGE_BUCKET_NAME", default="")
AWS_S3_ENDPOINT_URL = env.str("AWS_S3_ENDPOINT_URL", default="") or None
AWS_S3_REGION_NAME = env.str("AWS_S3_REGION_NAME", default="") or None
AWS_DEFAULT_ACL = None
STORAGES = {
    "default": {
        "BACKEND": "storages.backends.s3.S3Storage"
        if AWS_STORAGE_BUCKET_NAME
        else "django.core.files.storage.FileSystemStorage"
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
UPLOAD_MAX_BYTES = 40 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# The API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "catalog.api.authentication.AnyTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["erp.core.api.scopes.HasScope"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["erp.core.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "erp.core.api.pages.Pages",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "erp.core.api.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "erp.core.api.errors.handle_exception",
    "DEFAULT_THROTTLE_RATES": {
        "login": env.str("API_LOGIN_RATE", default="10/min"),
        "login_name": env.str("API_LOGIN_NAME_RATE", default="20/min"),
        # Pictures a person may have read for codes: a phone's camera sends three a second.
        "scan": env.str("SCAN_RATE", default="300/min"),
        # Of the public storefront, from one address: a shopper's page asks for a few.
        "storefront": env.str("STOREFRONT_RATE", default="600/min"),
    },
    # X-Forwarded-For is believed only as far as our own proxies wrote it: 0 means it is not read at all.
    "NUM_PROXIES": TRUSTED_PROXIES,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# Requests in a minute: reads and writes of each token, or of a person in the browser; "open": from an address that
# names nobody, or whose token is void.
API_RATES = {
    "read": env.int("API_READS_PER_MINUTE", default=1200),
    "write": env.int("API_WRITES_PER_MINUTE", default=600),
    "open": env.int("API_OPEN_PER_MINUTE", default=120),
}
# The token of a log-in lives as long as it is used: each day of use moves its end to API_TOKEN_DAYS from then.
REST_KNOX = {
    "TOKEN_TTL": timedelta(days=env.int("API_TOKEN_DAYS", default=90)),
    "TOKEN_PREFIX": "jb_",
    "AUTO_REFRESH": True,
    "MIN_REFRESH_INTERVAL": 24 * 3600,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Jangbu API",
    "DESCRIPTION": (
        "Photo to listing, and a stock ledger that can be audited.\n\n"
        "Make a personal token under “API access”, or log in at `/api/v1/auth/login/`, and send `Authorization: Token "
        "<token>`. Lists are walked by their `next` link; `fields` and `ordering` shape them, and `updated_since` with "
        "`/tombstones/` keeps offline copies true. `Idempotency-Key` makes a repeated POST one, and `If-Match` keeps "
        "an edit from writing over another's.\n\n"
        "Every refusal is `{code, message, errors: [{field | line, code, message}]}`, in the language of "
        "`Accept-Language` (ko, en), and saves nothing. Money is a decimal in a string; times are ISO 8601 with offset."
    ),
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
    "PREPROCESSING_HOOKS": ["erp.channels.storefront.schema.private_endpoints"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "erp.core.api.naming.name_for_clients",
        "erp.core.api.schema.document_errors",
        "erp.core.api.links.document_links",
        "erp.core.api.examples.add_examples",
    ],
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": True, "docExpansion": "list"},
}

UNFOLD = {
    "SITE_TITLE": "장부 Jangbu",
    "SITE_HEADER": "장부 Jangbu",
    "SITE_URL": "/",
    "SITE_SYMBOL": "menu_book",
    "SHOW_LANGUAGES": True,
    "SIDEBAR": {"navigation": "erp.sidebar.navigation"},
    # The indigo of static/css/tokens.css, from its palest to its darkest.
    "COLORS": {
        "primary": {
            "50": "#f4f5fd",
            "100": "#eceefb",
            "200": "#d5d9f7",
            "300": "#b6c0ff",
            "400": "#9ba8ff",
            "500": "#5c6ae0",
            "600": "#3a49c4",
            "700": "#2d39a3",
            "800": "#262f80",
            "900": "#262a4a",
            "950": "#12142b",
        }
    },
}

# Safety
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "erp.core.views.csrf_failure"

# Logs: one line an event, to standard error.
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "logger", "event"]),
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso"),
                structlog.processors.format_exc_info,
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": ["console"], "level": LOG_LEVEL, "propagate": False},
        "axes": {"level": "WARNING"},
        "django-q": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
