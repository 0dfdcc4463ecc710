"""``/healthz`` (the process lives) and ``/readyz`` (it can serve), for balancers and containers."""

from __future__ import annotations

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

BROKER_SECONDS = 2.0


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """200 while the process answers; asks nothing of database or broker."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when all that a page needs is there; otherwise 503 with the reasons (no addresses or keys)."""
    reasons = [reason for check in (configuration, database, broker) if (reason := check())]
    body = {"status": "unready" if reasons else "ready", "reasons": reasons}
    return JsonResponse(body, status=503 if reasons else 200, json_dumps_params={"ensure_ascii": False})


def configuration() -> str:
    """Whether the environment's keys are usable; the sentences themselves are for the log and ``doctor``."""
    return _("配置有误，见系统日志") if settings.ENVIRONMENT_PROBLEMS else ""


def database() -> str:
    """Whether the database answers and has every migration."""
    try:
        connection.ensure_connection()
        if not connection.is_usable():
            connection.close()
            connection.ensure_connection()
        return _("数据库结构不是最新，请先执行 migrate") if pending() else ""
    except DatabaseError:
        connection.close()
        return _("数据库无法连接")


def broker() -> str:
    """Whether the broker answers."""
    try:
        with redis.from_url(
            settings.REDIS_URL, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS
        ) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError):
        return _("消息服务无法连接")
    return ""


class _Migrations:
    """Remembers that nothing was pending: migrations are not undone under a running process."""

    applied = False


def pending() -> list[str]:
    """Names of the migrations that are still to be applied."""
    if _Migrations.applied:
        return []
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    _Migrations.applied = not plan
    return [str(migration) for migration, _backwards in plan]


urlpatterns = [path("healthz", alive, name="healthz"), path("readyz", ready, name="readyz")]
