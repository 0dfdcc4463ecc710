"""Every key that the platform reads from its environment: typed, strict and documented.

Each key may also be given as ``KEY_FILE`` (a path whose content is the value), as container secrets are.
A key that is missing or contradicts another is a sentence in ``problems``, which the system checks print
(``agricredit.foundation.common.checks``); outside debug no secret has a default.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG_SECRET = "debug-only-secret-that-is-refused-outside-debug"  # noqa: S105 - refused outside debug
SECRETS = ("SECRET_KEY", "PERSONAL_DATA_KEYS", "PERSONAL_DATA_HASH_KEY", "CERTIFICATE_SIGNING_KEY")


class Environment(BaseSettings):
    """The keys, their types and what they mean (``docs/operations.md`` prints this list)."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, validate_default=True)

    AGRICREDIT_DEBUG: bool = Field(
        False, description="Development mode, on this machine only: secrets everybody knows."
    )
    AGRICREDIT_SECRET_KEY: str = Field("", description="Django's signing key; at least 50 characters.")
    AGRICREDIT_PERSONAL_DATA_KEYS: str = Field(
        "",
        description="Keys that encrypt personal data, comma-separated id:base64 of 32 bytes; "
        "the first encrypts, all decrypt.",
    )
    AGRICREDIT_PERSONAL_DATA_HASH_KEY: str = Field(
        "", description="Key of the hashes beside encrypted numbers (uniqueness, search); 32+ characters."
    )
    AGRICREDIT_CERTIFICATE_SIGNING_KEY: str = Field(
        "", description="Base64 of the 32-byte Ed25519 seed that signs certificate QR codes."
    )
    AGRICREDIT_ALLOWED_HOSTS: Annotated[list[str], NoDecode] = Field(
        default_factory=list, description="Comma-separated host names that may be asked for."
    )
    AGRICREDIT_PUBLIC_URL: str = Field(
        "http://127.0.0.1:8000", description="Address printed in QR codes and messages, no final slash."
    )
    AGRICREDIT_HOME_REGION: str = Field("4408", description="Code of the division that runs this system.")
    AGRICREDIT_SITE_NAME: str = Field("农安信用", description="Name in titles and page heads.")
    AGRICREDIT_PLATFORMS_FILE: str = Field(
        "", description="YAML file of the platforms to exchange data with (docs/platforms.md); none without."
    )
    AGRICREDIT_PRIVATE_ROOT: Path = Field(
        BASE_DIR / "var" / "private", description="Folder of uploads and Parquet files; never served."
    )
    AGRICREDIT_STATIC_ROOT: Path = Field(
        BASE_DIR / "var" / "static", description="Folder of collected static files."
    )
    AGRICREDIT_HTTPS: bool = Field(
        True, description="Served over HTTPS: secure cookies, HSTS and redirects (off only for local use)."
    )
    AGRICREDIT_TRUST_PROXY: bool = Field(
        False, description="Behind one reverse proxy: believe its X-Forwarded-Proto and X-Forwarded-For."
    )
    AGRICREDIT_SMS_BACKEND: str = Field(
        "", description="Dotted path of the SMS adapter; empty: the console in debug, refused otherwise."
    )
    AGRICREDIT_EMAIL_URL: str = Field(
        "", description="smtp://user:password@host:port for mail; empty: the console."
    )
    AGRICREDIT_LOG_FORMAT: str = Field("json", pattern="^(json|console)$", description="json or console.")
    AGRICREDIT_DATABASE_APP_ROLE: str = Field(
        "agricredit_app", description="PostgreSQL role the application runs as; it owns nothing."
    )
    DATABASE_URL: str = Field("", description="postgresql://… the application connects with (app role).")
    DATABASE_OWNER_URL: str = Field(
        "", description="postgresql://… of the role that owns the tables; only migrations use it."
    )
    REDIS_URL: str = Field("", description="redis://… or unix://… of Redis 7+ or Valkey; broker and cache.")
    AGRICREDIT_KEY_PREFIX: str = Field(
        "agricredit", description="Prefix of all keys in REDIS_URL; two installations on one server need two."
    )
    AGRICREDIT_METRICS_TOKEN: str = Field(
        "", description="Bearer token that may read /metrics from elsewhere; empty: this machine only."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what :func:`read` hands over counts; it has already read the ``*_FILE`` keys."""
        return (init_settings,)


def read(environ: Mapping[str, str] | None = None) -> tuple[Environment, list[str]]:
    """Read the environment; return the typed keys and a sentence for everything that is wrong with them."""
    environ = os.environ if environ is None else environ
    given, problems = _given(environ)
    while True:
        try:
            env = Environment(**given)
            break
        except ValidationError as error:
            for fault in error.errors():
                key = str(fault["loc"][0])
                problems.append(f"{key} is not usable: {fault['msg']} (given: {given.pop(key, '')!r}).")
    problems += _contradictions(env)
    return _with_debug_secrets(env), problems


def _given(environ: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    given: dict[str, Any] = {}
    problems = []
    for key in Environment.model_fields:
        path = environ.get(f"{key}_FILE")
        if path and environ.get(key):
            problems.append(f"{key} and {key}_FILE are both given; keep one.")
        elif path:
            try:
                given[key] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                problems.append(f"{key}_FILE cannot be read: {error}.")
        elif environ.get(key):
            given[key] = environ[key]
    if "AGRICREDIT_ALLOWED_HOSTS" in given:
        hosts = given["AGRICREDIT_ALLOWED_HOSTS"].split(",")
        given["AGRICREDIT_ALLOWED_HOSTS"] = [host.strip() for host in hosts if host.strip()]
    return given, problems


def _contradictions(env: Environment) -> list[str]:
    problems = []
    for name in SECRETS:
        value = getattr(env, f"AGRICREDIT_{name}")
        if not value and not env.AGRICREDIT_DEBUG:
            key = f"AGRICREDIT_{name}"
            problems.append(f"{key} (or {key}_FILE) is missing; it has no default outside debug.")
        if DEBUG_SECRET in value and not env.AGRICREDIT_DEBUG:
            problems.append(f"AGRICREDIT_{name} is the debug secret; give one of your own.")
    if env.AGRICREDIT_SECRET_KEY and len(env.AGRICREDIT_SECRET_KEY) < 50 and not env.AGRICREDIT_DEBUG:
        problems.append("AGRICREDIT_SECRET_KEY is shorter than 50 characters.")
    if not env.AGRICREDIT_DEBUG and not env.AGRICREDIT_ALLOWED_HOSTS:
        problems.append("AGRICREDIT_ALLOWED_HOSTS is missing: name the hosts that may be asked for.")
    if env.AGRICREDIT_HTTPS and env.AGRICREDIT_PUBLIC_URL.startswith("http://") and not env.AGRICREDIT_DEBUG:
        problems.append("AGRICREDIT_PUBLIC_URL begins with http:// although AGRICREDIT_HTTPS is on.")
    if not env.AGRICREDIT_DEBUG and not env.AGRICREDIT_SMS_BACKEND:
        problems.append("AGRICREDIT_SMS_BACKEND is missing: producers log in with a code sent by SMS.")
    if bool(env.DATABASE_URL) != bool(env.REDIS_URL):
        problems.append("Give both DATABASE_URL and REDIS_URL, or neither (then the embedded engines run).")
    problems += _unusable_keys(env)
    return problems


def _unusable_keys(env: Environment) -> list[str]:
    problems = []
    for entry in filter(None, env.AGRICREDIT_PERSONAL_DATA_KEYS.split(",")):
        name, _, value = entry.partition(":")
        if not name or _decoded(value) is None:
            problems.append("AGRICREDIT_PERSONAL_DATA_KEYS must be id:base64 of 32 bytes, comma-separated.")
            break
    seed = env.AGRICREDIT_CERTIFICATE_SIGNING_KEY
    if seed and _decoded(seed) is None:
        problems.append("AGRICREDIT_CERTIFICATE_SIGNING_KEY must be the base64 of 32 bytes.")
    return problems


def _decoded(value: str) -> bytes | None:
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == 32 else None


def _with_debug_secrets(env: Environment) -> Environment:
    """Fill missing secrets: fixed ones in debug, elsewhere random ones until the checks refuse."""
    seed = base64.b64encode(DEBUG_SECRET.encode()[:32]).decode()
    random = base64.b64encode(secrets.token_bytes(32)).decode()
    key = seed if env.AGRICREDIT_DEBUG else random
    defaults = {
        "AGRICREDIT_SECRET_KEY": DEBUG_SECRET * 2 if env.AGRICREDIT_DEBUG else secrets.token_urlsafe(50),
        "AGRICREDIT_PERSONAL_DATA_KEYS": f"debug:{key}",
        "AGRICREDIT_PERSONAL_DATA_HASH_KEY": key,
        "AGRICREDIT_CERTIFICATE_SIGNING_KEY": key,
    }
    missing = {name: value for name, value in defaults.items() if not getattr(env, name)}
    return env.model_copy(update=missing)
