"""All settings, read from the environment (names begin with AFTERCOURSE_, see docs/installation.md)."""

import contextlib
import sqlite3
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from config import production_checks, static_bundles
from config.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

MODE = env.choice("AFTERCOURSE_MODE", "production", production_checks.MODES)
"""production, demo or test. Production is the default, so that a missing variable is safe."""
DEMO_SIGN_IN = env.flag("AFTERCOURSE_DEMO_SIGN_IN", default=MODE == "demo")
"""A visitor may sign in as a person of the demo without a password."""
TESTING = MODE == "test"

VAR_DIR = env.folder("AFTERCOURSE_VAR", BASE_DIR / "var")
"""Everything written at run time: SQLite database, uploads, collected static files."""

DEBUG = env.flag("AFTERCOURSE_DEBUG", default=False)
SECRET_KEY = env.text(
    "AFTERCOURSE_SECRET_KEY",
    default="" if MODE == "production" else production_checks.DEMO_KEY_PREFIX + "x" * 40,
)
SITE_URL = env.text("AFTERCOURSE_URL", "" if MODE == "production" else "http://localhost:8000")
SITE_URL = SITE_URL.strip().rstrip("/").lower().removesuffix(":443")
"""The base of links in mails; with https, cookies are secure."""
ALLOWED_HOSTS = env.words(
    "AFTERCOURSE_HOSTS",
    default=[host for host in [production_checks.host_of_origin(SITE_URL)] if host]
    if MODE == "production"
    else ["localhost", "127.0.0.1", "[::1]", "testserver"],
)
HTTPS = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = env.words("AFTERCOURSE_TRUSTED_ORIGINS")
if HTTPS:
    # Behind a TLS proxy we see plain HTTP, so the CSRF check needs our own origin.
    CSRF_TRUSTED_ORIGINS = [*CSRF_TRUSTED_ORIGINS, SITE_URL]
CLOCK_OFFSET_FILE = env.text("AFTERCOURSE_CLOCK_OFFSET_FILE")
"""A file with a number of seconds that offsets the clock of all processes (demo and tests only)."""
CLOCK_PAUSE_SECONDS = env.number(
    "AFTERCOURSE_CLOCK_PAUSE_SECONDS", 900 if MODE == "production" else 0, least=0
)
"""How long the jobs pause when the clock is more than a day from their last run; 0 if they should not. In the
demo and in tests the clock is moved on purpose."""
SIGN_UP_OPEN = env.flag("AFTERCOURSE_SIGN_UP_OPEN", default=False)
"""False: accounts are made by invitation only. True: anybody may sign up."""
INVITATION_DAYS = 30
ERASED_FILE = Path(env.text("AFTERCOURSE_ERASED_FILE", str(VAR_DIR / "erased.jsonl")))
"""The record of erased accounts, outside the database and its back-ups (docs/operations.md)."""
UPLOAD_LIMIT_BYTES = 20 * 1024 * 1024
"""Size of the largest uploaded file but a video, and of all files of one form without a script."""
VIDEO_LIMIT_BYTES = 100 * 1024 * 1024
"""Size of the largest video. It comes in pieces, so no request is as large."""
WAITING_LIMIT_BYTES = 500 * 1024 * 1024
"""How much one person may have uploaded that is attached to nothing."""
BODY_LIMIT_BYTES = 2_500_000
"""Size of the largest request body where no file is taken (config.http_protocol)."""
TEXT_LIMIT_CHARS = 20_000
"""Length of the longest text; the time for sanitising grows with it."""

INSTALLED_APPS = [
    "daphne",
    "config",
    "followup",
    "community",
    "messaging",
    "common",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_prose_editor",
    "django.forms",
    "allauth",
    "allauth.account",
    "lucide",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.CompressionMiddleware",
    "config.middleware.PrivatePagesMiddleware",
    "common.middleware.CleanInputMiddleware",
    "config.middleware.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "community.people.middleware.AuthenticationMiddleware",
    "community.people.middleware.SignInRequiredMiddleware",
    "community.people.middleware.ReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["common.template_loader.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "followup.desk.context.rail",
                "followup.demo.context.demo",
            ],
            "builtins": [
                "common.templatetags.addresses",
                "common.templatetags.moments",
                "common.templatetags.paths",
                "common.templatetags.pieces",
                "community.templatetags.writer",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
FORMS_URLFIELD_ASSUME_HTTPS = True

# Databases: SQLite in the embedded form, PostgreSQL by AFTERCOURSE_DATABASE_URL.
DATABASES = {
    "default": env.database("AFTERCOURSE_DATABASE_URL", f"sqlite:///{VAR_DIR / 'aftercourse.sqlite3'}")
}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
if "sqlite" in DATABASES["default"]["ENGINE"]:
    production_checks.require_sqlite(sqlite3.sqlite_version_info)
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # Deleted content is overwritten, since who is erased must not stand in free pages of the file.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
        "PRAGMA secure_delete=ON;",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    DATABASES["default"]["ENGINE"] = "config.postgresql"
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        {"pool": {"min_size": 1, "max_size": 12, "timeout": 10}}
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.redis("AFTERCOURSE_REDIS_URL")
CACHES = {
    "default": {"BACKEND": "config.cache.SharedCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 10_000}}
}

LIVE_SOCKETS = env.number("AFTERCOURSE_SOCKETS", 10_000)
"""Sockets one server process accepts; further clients are refused and retry later. Each takes a file
descriptor."""

# A single process publishes to its own sockets. Several reach each other through Redis or Valkey, whose
# client would by default close an idle connection after five seconds.
CHANNEL_LAYERS = (
    {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}]},
        }
    }
    if REDIS_URL
    else {}
)

# People
AUTH_USER_MODEL = "community.User"
AUTHENTICATION_BACKENDS = ["community.people.sign_in.VerifiedAddressBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if TESTING:
    # Password hashing is slow on purpose; tests sign in hundreds of times.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "today"
ACCOUNT_ADAPTER = "community.people.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_RATE_LIMITS = False
"""Ours stand in community.people.limits: allauth's count in the cache, which anybody can fill, and stop a
school behind one address."""
PASSWORD_RESET_TIMEOUT = 6 * 60 * 60
"""Seconds for which the link in a mail sets a new password."""
ACCOUNT_FORMS = {
    name: f"community.people.sign_in_forms.{form}"
    for name, form in {
        "login": "LoginForm",
        "signup": "SignupForm",
        "request_login_code": "RequestCodeForm",
        "confirm_login_code": "ConfirmCodeForm",
        "confirm_email_verification_code": "ConfirmAddressForm",
        "add_email": "ChangeAddressForm",
        "reset_password": "ForgottenPasswordForm",
        "reset_password_from_key": "NewPasswordForm",
        "change_password": "ChangePasswordForm",
        "set_password": "SetPasswordForm",
        "reauthenticate": "ReauthenticateForm",
    }.items()
}

SESSION_ENGINE = "common.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "community.people.unsent_views.csrf_failure"
SECURE_SSL_REDIRECT = False
BEHIND_PROXY = env.flag("AFTERCOURSE_BEHIND_PROXY", default=False)
"""One trusted proxy in front sets X-Forwarded-For and X-Forwarded-Proto."""
PROXY_FORGOTTEN = production_checks.forgets_proxy(globals())
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
"""What a page may load and do; the one inline script of ours, the import map, is added with its hash."""
if DEMO_SIGN_IN:
    CONTENT_SECURITY_POLICY["frame-src"] = "'self'"  # the demo's mailbox shows a mail in a frame

# Languages and time
LANGUAGE_CODE = "en"
LANGUAGE_BY_VISITOR = MODE == "demo"
"""Pages are in the language that the visitor chose, whoever they are signed in as (common.languages)."""
LANGUAGES = [
    ("en", _("English")),
    ("hu", _("Hungarian")),
    ("pl", _("Polish")),
    ("lt", _("Lithuanian")),
    ("ru", _("Russian")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Files
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
with contextlib.suppress(OSError):  # a VAR that cannot be written to is refused below
    STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "common.bundles.BundleFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STATIC_BUNDLES = static_bundles.BUNDLES
MEDIA_ROOT = VAR_DIR / "uploads"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_LIMIT_BYTES
FILE_UPLOAD_TEMP_DIR = VAR_DIR / "incoming"
"""What is being uploaded. Not the system's folder, which may be in memory, and may be on another disk."""
with contextlib.suppress(OSError):
    FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, exist_ok=True)
FILES_BY_PROXY = env.text("AFTERCOURSE_FILES_BY_PROXY")
"""The internal location (`/uploads/`) at which nginx in front reads the uploads, for X-Accel-Redirect;
without it we hand out files ourselves."""
FILE_UPLOAD_PERMISSIONS = 0o640 if FILES_BY_PROXY else 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750 if FILES_BY_PROXY else 0o700

# Mails go through the outbox (messaging.notifications), which sends them with this backend.
EMAIL_URL = env.mail(
    "AFTERCOURSE_MAIL_URL", default="smtp://localhost:25" if MODE == "production" else "dummymail://"
)
EMAIL_BACKEND = EMAIL_URL.pop("EMAIL_BACKEND")
globals().update(EMAIL_URL)
EMAIL_TIMEOUT = 20
MAIL_LEAVES_AT_ONCE = env.flag("AFTERCOURSE_MAIL_AT_ONCE", default=not TESTING)
"""Sign-in codes are sent without waiting for the jobs; tests send mails explicitly."""
MAIL_KEEPS_SECRETS = DEMO_SIGN_IN
"""The demo shows its mails in the browser, codes included; elsewhere their text is deleted once they are
sent."""
DEFAULT_FROM_EMAIL = env.text(
    "AFTERCOURSE_MAIL_FROM", "" if MODE == "production" else "Aftercourse <aftercourse@localhost>"
)

METRICS_TOKEN = env.text("AFTERCOURSE_METRICS_TOKEN")
"""Bearer token for /metrics/; without one it is served in the demo only, and to this machine only."""

LOG_FORM = env.choice("AFTERCOURSE_LOG", "lines", production_checks.LOG_FORMATS)
"""lines for people, json for programs (config.logs)."""
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "config.logs.LineFormatter"}, "json": {"()": "config.logs.JsonFormatter"}},
    "filters": {"unknown_host": {"()": "config.logs.UnknownHostFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORM}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "aftercourse": {"level": "INFO"},
        "django.security.DisallowedHost": {"filters": ["unknown_host"]},
    },
}

production_checks.refuse_to_start(globals(), env.problems)
