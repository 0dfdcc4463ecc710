"""Django's settings, made from the typed keys of :mod:`agricredit.environment`."""

from datetime import timedelta
from urllib.parse import unquote, urlsplit

from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.utils.translation import gettext_lazy as _
from psycopg2.extensions import parse_dsn

from agricredit import environment

BASE_DIR = environment.BASE_DIR
ENV, ENVIRONMENT_PROBLEMS = environment.read()

# Django's own DEBUG stays off everywhere: its error pages show a visitor our addresses and settings, and its
# connections remember every query of a long job.
DEVELOPMENT = ENV.AGRICREDIT_DEBUG
SECRET_KEY = ENV.AGRICREDIT_SECRET_KEY
ALLOWED_HOSTS = ENV.AGRICREDIT_ALLOWED_HOSTS or (["127.0.0.1", "localhost", "[::1]"] if DEVELOPMENT else [])
PUBLIC_URL = ENV.AGRICREDIT_PUBLIC_URL.rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SITE_NAME = ENV.AGRICREDIT_SITE_NAME
HOME_REGION = ENV.AGRICREDIT_HOME_REGION
PERSONAL_DATA_KEYS = ENV.AGRICREDIT_PERSONAL_DATA_KEYS
PERSONAL_DATA_HASH_KEY = ENV.AGRICREDIT_PERSONAL_DATA_HASH_KEY
CERTIFICATE_SIGNING_KEY = ENV.AGRICREDIT_CERTIFICATE_SIGNING_KEY
SMS_BACKEND = ENV.AGRICREDIT_SMS_BACKEND or "agricredit.foundation.common.sms.ConsoleSms"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.admin",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_celery_beat",
    "csp",
    "pgtrigger",
    "pghistory",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "agricredit.foundation.common",
    "agricredit.foundation.accounts",
    "agricredit.foundation.audit",
    "agricredit.foundation.jobs",
    "agricredit.foundation.calendar",
    "archives",
    "rating",
    "certificates",
    "supervision",
    "agricredit.apps.RoofConfig",
]

MIDDLEWARE = [
    "agricredit.foundation.common.middleware.RequestLogMiddleware",
    "agricredit.foundation.common.middleware.SoundAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "agricredit.foundation.accounts.middleware.SecondFactorMiddleware",
    "agricredit.foundation.audit.middleware.ActorMiddleware",
]

ROOT_URLCONF = "agricredit.urls"
WSGI_APPLICATION = "agricredit.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "agricredit.foundation.common.context.site",
            ],
        },
    }
]


def _database(url: str) -> dict[str, object]:
    """A libpq URL as Django's settings: socket folders as hosts and parameters such as sslmode included."""
    facts = parse_dsn(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": facts.pop("dbname", ""),
        "USER": facts.pop("user", ""),
        "PASSWORD": facts.pop("password", ""),
        "HOST": facts.pop("host", ""),
        "PORT": facts.pop("port", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "client_encoding": "UTF8",
            "connect_timeout": 10,
            "application_name": "agricredit",
            **facts,
        },
    }


def _broker(url: str) -> str:
    """The broker's address as Celery reads it: a socket's database number is its virtual host."""
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


# "default" is what the application runs as and owns nothing; "owner" owns the tables and only migrates.
# Without an owner URL (a single-role server) both are one, and `manage.py doctor` says what that gives up.
DATABASES = {"default": _database(ENV.DATABASE_URL or "postgresql:///agricredit")}
DATABASE_OWNER = _database(ENV.DATABASE_OWNER_URL or ENV.DATABASE_URL or "postgresql:///agricredit")
DATABASE_APP_ROLE = ENV.AGRICREDIT_DATABASE_APP_ROLE
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = ENV.REDIS_URL
KEY_PREFIX = ENV.AGRICREDIT_KEY_PREFIX
CACHES = {
    "default": {
        "BACKEND": "agricredit.foundation.common.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": KEY_PREFIX,
    }
}

# --- people -----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(timedelta(days=30).total_seconds())
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.AGRICREDIT_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = ENV.AGRICREDIT_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if ENV.AGRICREDIT_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENV.AGRICREDIT_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.AGRICREDIT_TRUST_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Public, portal and field pages: nothing but our own files. The back office (Unfold: Alpine and inline
# styles) gets a policy of its own from agricredit.foundation.common.middleware.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
ADMIN_CONTENT_SECURITY_POLICY = {
    "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
}

from agricredit.foundation.accounts.allauth_settings import *  # noqa: E402, F403 - the settings go on there
from agricredit.office_settings import *  # noqa: E402, F403 - the settings go on there

# --- background work --------------------------------------------------------------------------------------
CELERY_BROKER_URL = _broker(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": f"{KEY_PREFIX}:", "visibility_timeout": 6 * 3600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULE = {
    "jobs-redispatch": {
        "task": "jobs.redispatch",
        "schedule": timedelta(seconds=20),
        "options": {"expires": 20},
    },
    "ledger-seal-daily": {"task": "archives.seal_ledger", "schedule": crontab(hour=0, minute=30)},
    "reviews-draw": {"task": "archives.draw_reviews", "schedule": crontab(day_of_week=1, hour=1, minute=10)},
    "disposals-settle": {"task": "archives.settle_disposals", "schedule": crontab(hour=0, minute=5)},
    "exports-purge": {"task": "jobs.purge_exports", "schedule": crontab(hour=2, minute=30)},
    "platforms-exchange": {
        "task": "archives.exchange_platforms",
        "schedule": crontab(hour="*/2", minute=20),
    },
    "exchange-purge": {"task": "archives.purge_exchange", "schedule": crontab(hour=2, minute=40)},
    "profiles-complete": {"task": "archives.complete_profiles", "schedule": crontab(hour=0, minute=15)},
    "documents-erase": {"task": "archives.erase_documents", "schedule": crontab(hour=3, minute=20)},
    "licences-remind": {"task": "archives.remind_licences", "schedule": crontab(hour=9, minute=0)},
    "records-expect": {"task": "archives.expect", "schedule": crontab(hour=0, minute=20)},
    "accounts-disable-unused": {"task": "accounts.disable_unused", "schedule": crontab(hour=3, minute=0)},
    "certificates-settle": {
        "task": "certificates.settle_uncertified_sales",
        "schedule": crontab(hour=0, minute=10),
    },
    "duplicates-nightly": {"task": "archives.find_duplicates", "schedule": crontab(hour=3, minute=20)},
    "idle-nightly": {"task": "archives.find_idle", "schedule": crontab(hour=3, minute=40)},
    "reregistrations-nightly": {
        "task": "rating.find_reregistrations",
        "schedule": crontab(hour=3, minute=50),
    },
    "region-changes-daily": {
        "task": "archives.apply_region_changes",
        "schedule": crontab(hour=0, minute=2),
    },
    "register-figures-nightly": {"task": "archives.measure_register", "schedule": crontab(hour=2, minute=30)},
    "certificate-figures-nightly": {
        "task": "certificates.measure_issued",
        "schedule": crontab(hour=2, minute=50),
    },
    "schemes-due-daily": {"task": "rating.schemes_due", "schedule": crontab(hour=0, minute=5)},
    "rating-terms-daily": {"task": "rating.terms_due", "schedule": crontab(hour=0, minute=20)},
    "live-scores-nightly": {"task": "rating.rescore_everyone", "schedule": crontab(hour=1, minute=0)},
    "watch-yearly": {
        "task": "supervision.watch_yearly",
        "schedule": crontab(hour=3, minute=30, day_of_month=1, month_of_year=6),
    },
    "calendar-yearly": {
        "task": "calendar.load_working_days",
        "schedule": crontab(hour=2, minute=0, day_of_month=1),
    },
}

# --- language and time ------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "agricredit" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- files ------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = ENV.AGRICREDIT_STATIC_ROOT
STATICFILES_DIRS = [BASE_DIR / "agricredit" / "static"]
PRIVATE_ROOT = ENV.AGRICREDIT_PRIVATE_ROOT
PLATFORMS_FILE = ENV.AGRICREDIT_PLATFORMS_FILE
STORAGES = {
    "default": {"BACKEND": "agricredit.foundation.common.storage.PrivateStorage"},
    "staticfiles": {"BACKEND": "agricredit.foundation.common.storage.StaticStorage"}
    if not DEVELOPMENT
    else {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEVELOPMENT

# --- API --------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # The first one says what a stranger is asked for: 401 with WWW-Authenticate.
        "agricredit.foundation.accounts.api.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "agricredit.foundation.common.paginators.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "agricredit.pages.api.schema.Schema",
    "DEFAULT_PARSER_CLASSES": ["agricredit.pages.api.parsing.BodyParser"],
    "EXCEPTION_HANDLER": "agricredit.pages.api.errors.answer",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "120/min", "user": "1200/min"},
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "农安信用 AgriCredit API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "DESCRIPTION": _("农安信用平台的接口：查询主体、等级与合格证，报送生产记录。"),
    # Two fields of one name with other choices would be told apart by a number that moves.
    "ENUM_NAME_OVERRIDES": {
        "ProducerStatusEnum": "archives.models.ProducerStatus",
        "ProducerKindEnum": "archives.models.ProducerKind",
        "SectorEnum": "archives.models.Sector",
        "RecordStatusEnum": "archives.models.records.RecordStatus",
        "HarvestWayEnum": "archives.models.HarvestWay",
        "SelfTestMethodEnum": "archives.models.TestMethod",
        "HarmlessMethodEnum": "archives.models.HarmlessMethod",
        "InputKindEnum": "archives.models.InputKind",
        "CertificateStatusEnum": "certificates.models.Certificate.Status",
        "RatingStatusEnum": "rating.models.Rating.Status",
        "StandingStatusEnum": "rating.models.Standing.Status",
        "RunStateEnum": "rating.models.RatingRun.State",
        "SchemeStateEnum": "rating.models.Scheme.State",
        "TaskKindEnum": "supervision.models.TaskKind",
        "TaskStateEnum": "supervision.models.Task.State",
    },
}

# --- mail and logs ----------------------------------------------------------------------------------------
_mail = urlsplit(ENV.AGRICREDIT_EMAIL_URL)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _mail.hostname else 'console'}.EmailBackend"
EMAIL_HOST = _mail.hostname or "localhost"
EMAIL_PORT = _mail.port or 25
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": "agricredit.foundation.common.logs.formatter",
            "style": ENV.AGRICREDIT_LOG_FORMAT,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # Django's own console handler would say everything twice, and each 404 has its request line already.
    "loggers": {"django": {"handlers": [], "level": "INFO"}, "django.request": {"level": "ERROR"}},
}
