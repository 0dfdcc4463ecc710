"""``manage.py up``: the whole system on this machine, from nothing to a page in the browser, until Ctrl-C."""

from __future__ import annotations

import importlib
import importlib.util
import os
import signal
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from types import FrameType
from typing import Any, NoReturn

from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils.translation import gettext as _

from agricredit.foundation import embedded
from agricredit.foundation.embedded import processes
from agricredit.foundation.embedded.locks import FileLock
from agricredit.management import supervisor

RUN = settings.BASE_DIR / ".run"
READY_SECONDS = 300.0  # a busy machine may take minutes; a website that ends is noticed at once


class Command(BaseCommand):
    """Prepare, start web, worker and beat, say where to look, and keep them running."""

    help = "启动整个系统：数据库、迁移、译文、区划、演示数据、网站、后台任务；按 Ctrl-C 停止。"

    children: supervisor.Supervisor | None = None

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Port, demo city and its size."""
        parser.add_argument("--port", type=int, default=8000, help="网站端口，默认 8000")
        parser.add_argument("--no-demo", action="store_true", help="不建立演示数据")
        parser.add_argument("--producers", type=int, default=2000, help="演示数据中的主体数，默认 2000")
        parser.add_argument("--concurrency", type=int, default=2, help="后台任务进程数，默认 2")

    def handle(self, *args: Any, **options: Any) -> None:
        """Hold the lock of this working copy for as long as the system runs."""
        RUN.mkdir(mode=0o700, exist_ok=True)
        lock = FileLock(RUN / "up.lock")
        if not lock.try_hold():
            raise CommandError(_("系统已在运行。要停止它，请执行 manage.py down。"))
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            self._run(options)
        except embedded.EmbeddedError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("\n" + _("正在停止……"))
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            self._stop()
            lock.release()

    def _run(self, options: dict[str, Any]) -> None:
        itself = processes.observe(os.getpid())
        if itself is not None:
            itself.save(RUN / "up.json")
        supervisor.end_leftovers(RUN / "children.json")
        if not supervisor.port_is_free(options["port"]):
            raise CommandError(
                _("端口 %d 已被别的程序占用。请停止那个程序，或用 --port 换一个端口。") % options["port"]
            )
        self._prepare(demo=not options["no_demo"], producers=options["producers"])
        connections.close_all()
        children = self.children = supervisor.Supervisor(
            [
                supervisor.Child(_("网站"), supervisor.web(options["port"])),
                supervisor.Child(_("后台任务"), supervisor.worker(options["concurrency"])),
                supervisor.Child(_("定时任务"), supervisor.beat()),
            ],
            folder=settings.BASE_DIR,
            record=RUN / "children.json",
        )
        children.start()
        address = f"http://127.0.0.1:{options['port']}"
        self._await(children, address)
        self._announce(address, demo=not options["no_demo"])
        self._keep(children)

    def _prepare(self, *, demo: bool, producers: int) -> None:
        """Everything that may be repeated: each step does only what is missing."""
        steps: list[tuple[str, str, dict[str, Any]]] = [
            (_("更新数据库结构"), "migrate", {"verbosity": 0, "interactive": False}),
            (_("编译译文"), "compile_catalogues", {}),
            (_("载入行政区划"), "load_regions", {}),
        ]
        if demo:
            steps.append((_("建立演示数据"), "seed_demo", {"producers": producers}))
        if not settings.DEVELOPMENT:
            steps.append((_("收集静态文件"), "collectstatic", {"verbosity": 0, "interactive": False}))
        known = get_commands()
        for title, command, options in steps:
            if command in known:
                self.stdout.write(f"▸ {title}")
                call_command(command, stdout=self.stdout, **options)

    def _await(self, children: supervisor.Supervisor, address: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not _is_ready(address):
            self._watch(children)
            if time.monotonic() > deadline:
                raise CommandError(_("网站在 %d 秒内没有就绪，请看上面的日志。") % READY_SECONDS)
            time.sleep(0.5)

    def _announce(self, address: str, *, demo: bool) -> None:
        lines = [
            "",
            self.style.SUCCESS(_("农安信用已启动")),
            f"  {_('公众查询')}  {address}/",
            f"  {_('主体门户')}  {address}/my/",
            f"  {_('工作人员')}  {address}/admin/",
        ]
        accounts = _demo_accounts() if demo else []
        if accounts:
            lines += ["", _("演示账号（用户名 / 密码 / 角色 / 动态码或其密钥）：")]
        for account in accounts:
            secret = account.get("totp_secret", "")
            second = f"{_code(secret)}  ({secret})" if secret else "—"
            lines.append(f"  {account['username']}  {account['password']}  {account['role']}  {second}")
        if accounts:
            lines.append(_("动态码每 30 秒更换；把密钥存入任一验证器应用即可随时取得。"))
        self.stdout.write("\n".join([*lines, "", _("按 Ctrl-C 停止。")]))
        self.stdout.flush()

    def _keep(self, children: supervisor.Supervisor) -> NoReturn:
        engines = embedded.pair() if embedded.in_use() else None
        while True:
            time.sleep(1)
            if engines is not None and not engines.running():
                self.stderr.write(_("内置数据库意外停止，正在重新启动……"))
                engines.start()
            self._watch(children)

    def _watch(self, children: supervisor.Supervisor) -> None:
        try:
            children.watch(self._again)
        except supervisor.GivenUp as error:
            raise CommandError(_("“%s”反复意外停止，已放弃；请看上面的日志。") % error) from error

    def _again(self, name: str) -> None:
        self.stderr.write(_("“%s”意外停止，正在重新启动……") % name)

    def _stop(self) -> None:
        if self.children is not None:
            self.children.stop()
        if embedded.in_use():
            connections.close_all()
            embedded.stop()
        (RUN / "up.json").unlink(missing_ok=True)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _is_ready(address: str) -> bool:
    try:
        host = next((name for name in settings.ALLOWED_HOSTS if name[0] not in "*."), "127.0.0.1")
        question = urllib.request.Request(f"{address}/readyz", headers={"Host": host})  # noqa: S310 - our own
        with urllib.request.urlopen(question, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _demo_accounts() -> list[dict[str, str]]:
    if importlib.util.find_spec("agricredit.demo.accounts") is None:
        return []
    accounts: list[dict[str, str]] = list(importlib.import_module("agricredit.demo.accounts").DEMO_ACCOUNTS)
    return accounts


def _code(secret: str) -> str:
    """The authenticator's code for this moment."""
    counter = list(totp.yield_hotp_counters_from_time())
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter[len(counter) // 2])))
