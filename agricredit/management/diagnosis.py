"""What ``manage.py doctor`` looks at: each check says ok, warn or fail in one sentence."""

from __future__ import annotations

import datetime
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import redis
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from agricredit.foundation import embedded
from agricredit.foundation.common import health, privileges

Level = Literal["ok", "warn", "fail"]
OLDEST_SERVER = 15
NEWEST_TRIED = 18
SCARCE_DISK = 2 * 10**9  # bytes
CLOCK_TOLERANCE = datetime.timedelta(seconds=5)
LATE = datetime.timedelta(minutes=10)


@dataclass(frozen=True)
class Finding:
    """One check's outcome."""

    level: Level
    text: str


def examine() -> Iterator[Finding]:
    """All checks; those that need the database are left out, with one sentence, when it does not answer."""
    yield from configuration()
    yield engines()
    if not embedded.wanted():
        yield broker()
        yield from database()
    yield disk()
    yield static_files()
    yield catalogues()
    yield browser()


def database() -> Iterator[Finding]:
    """What can be asked of the database."""
    if health.database() == _("数据库无法连接"):
        yield Finding("fail", _("数据库无法连接，与之有关的检查已跳过。"))
        return
    for check in ON_THE_DATABASE:
        yield _guarded(check)


def configuration() -> Iterator[Finding]:
    """The environment's keys, and whether the secrets are real ones."""
    for sentence in settings.ENVIRONMENT_PROBLEMS:
        yield Finding("fail", sentence)
    if settings.DEVELOPMENT:
        yield Finding("warn", _("调试模式：使用固定的调试密钥，只能用于本机。"))
    elif not settings.ENVIRONMENT_PROBLEMS:
        yield Finding("ok", _("配置完整，密钥均已设置。"))


def engines() -> Finding:
    """Where the engines come from."""
    if embedded.in_use():
        return Finding("ok", _("使用内置数据库，数据在 %s。") % embedded.pair().home.root)
    if embedded.wanted():
        return Finding("warn", _("没有设置 DATABASE_URL，内置数据库也没有运行；manage.py up 会启动它。"))
    return Finding("ok", _("使用 DATABASE_URL 和 REDIS_URL 指定的服务。"))


def broker() -> Finding:
    """Redis or Valkey: answers, and is new enough."""
    try:
        with redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            facts = client.info("server")
    except (redis.RedisError, OSError, ValueError) as error:
        return Finding("fail", _("消息服务无法连接：%s") % error)
    version = str(facts.get("valkey_version") or facts["redis_version"])
    if int(version.partition(".")[0]) < 7:
        return Finding("fail", _("消息服务的版本是 %s，需要 7 或以上。") % version)
    return Finding("ok", _("消息服务正常（版本 %s）。") % version)


def version() -> Finding:
    """PostgreSQL 15 to 18."""
    major = connection.cursor().connection.server_version // 10000
    if major < OLDEST_SERVER:
        return Finding("fail", _("PostgreSQL 的版本是 %d，需要 15 或以上。") % major)
    if major > NEWEST_TRIED:
        return Finding("warn", _("PostgreSQL %d 比试用过的最新版本（18）新。") % major)
    return Finding("ok", _("PostgreSQL %d 正常。") % major)


def locale() -> Finding:
    """C.UTF-8: the order of text is the same on every system and never changes with a library."""
    encoding, collation = _row(
        "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = current_database()"
    )
    if encoding != "UTF8":
        return Finding("fail", _("数据库编码是 %s，需要 UTF8。") % encoding)
    if collation not in {"C.UTF-8", "C.utf8", "C"}:
        return Finding("warn", _("数据库排序规则是 %s，建议 C.UTF-8：系统升级后索引不会失效。") % collation)
    return Finding("ok", _("数据库编码 UTF8，排序规则 %s。") % collation)


def extensions() -> Finding:
    """None is needed, so that any PostgreSQL serves."""
    names = [name for (name,) in _rows("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'")]
    if names:
        return Finding("warn", _("数据库装有本系统不需要的扩展：%s。") % "、".join(sorted(names)))
    return Finding("ok", _("数据库没有依赖任何扩展。"))


def roles() -> Finding:
    """The application's role owns nothing and cannot rewrite the ledger."""
    role, superuser = _row("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
    if superuser:
        return Finding("warn", _("应用以超级用户 %s 连接数据库；账本的防改写只剩触发器这一层。") % role)
    with connection.cursor() as cursor:
        owned = privileges.owned_by(cursor, role)
    if owned:
        facts = {"role": role, "count": owned}
        return Finding(
            "warn", _("应用的数据库角色 %(role)s 拥有 %(count)d 个对象，请另设所有者角色。") % facts
        )
    return Finding("ok", _("应用的数据库角色 %s 不拥有任何对象。") % role)


def migrations() -> Finding:
    """Every migration is applied."""
    pending = health.pending()
    if pending:
        return Finding("fail", _("有 %d 个迁移尚未执行，请执行 manage.py migrate。") % len(pending))
    return Finding("ok", _("数据库结构是最新的。"))


def jobs() -> Finding:
    """Work that should have begun long ago means that no worker runs."""
    if health.pending():
        return Finding("warn", _("数据库结构不是最新，没有检查后台任务。"))
    waiting = apps.get_model("jobs", "Job").objects.filter(
        state="queued", not_before__lt=timezone.now() - LATE
    )
    late = waiting.count()
    if late:
        return Finding("warn", _("有 %d 个后台任务等待超过 10 分钟，请确认后台进程在运行。") % late)
    return Finding("ok", _("没有积压的后台任务。"))


def clock() -> Finding:
    """This machine's clock against the database's (statutory terms are counted from it)."""
    (there,) = _row("SELECT clock_timestamp()")
    apart = abs(timezone.now() - there)
    if apart > CLOCK_TOLERANCE:
        return Finding("fail", _("本机时钟与数据库相差 %.0f 秒，请校时。") % apart.total_seconds())
    return Finding("ok", _("时钟一致，现在是 %s。") % timezone.localtime().strftime("%Y-%m-%d %H:%M"))


def disk() -> Finding:
    """Room for uploads and data."""
    place: Path = settings.PRIVATE_ROOT
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    text = _("磁盘剩余 %.1f GB。") % (free / 10**9)
    return Finding("warn" if free < SCARCE_DISK else "ok", text)


def static_files() -> Finding:
    """Collected for production; read from the source in debug."""
    if settings.DEVELOPMENT or (settings.STATIC_ROOT / "staticfiles.json").exists():
        return Finding("ok", _("静态文件就绪。"))
    return Finding("fail", _("静态文件没有收集，请执行 manage.py collectstatic。"))


def catalogues() -> Finding:
    """Each translation compiled after its last change."""
    sources = [source for folder in settings.LOCALE_PATHS for source in Path(folder).rglob("*.po")]
    old = [source for source in sources if _age(source.with_suffix(".mo")) < _age(source)]
    if old:
        return Finding("warn", _("有 %d 个译文没有编译，请执行 manage.py compile_catalogues。") % len(old))
    return Finding("ok", _("译文已编译。"))


def browser() -> Finding:
    """Only the browser tests need one."""
    if any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        return Finding("ok", _("已安装 Chromium（仅浏览器测试需要）。"))
    return Finding("ok", _("没有安装 Chromium；只有浏览器测试需要它。"))


ON_THE_DATABASE: tuple[Callable[[], Finding], ...] = (
    version,
    locale,
    extensions,
    roles,
    migrations,
    jobs,
    clock,
)


def _guarded(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except DatabaseError as error:
        return Finding("fail", _("检查没有完成：%s") % str(error).strip())


def _rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _row(query: str) -> tuple[Any, ...]:
    return _rows(query)[0]


def _age(path: Path) -> float:
    return os.stat(path).st_mtime if path.exists() else 0.0
