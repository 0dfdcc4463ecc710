"""``manage.py create_secrets FOLDER``: the secret files of docker-compose.yml, each made once."""

from __future__ import annotations

import base64
import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

DATABASE = "postgres:5432/agricredit"


class Command(BaseCommand):
    """Random values of the right form; a file that exists is left alone."""

    help = "生成 docker-compose.yml 所需的密钥文件；已有的文件不动。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where."""
        parser.add_argument("folder", type=Path, nargs="?", default=Path("secrets"), help="默认 secrets/")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write what is missing, readable by its owner only."""
        folder: Path = options["folder"]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._keep(folder, "owner_password", secrets.token_urlsafe(24))
        self._keep(folder, "app_password", secrets.token_urlsafe(24))
        owner, app = (_read(folder / name) for name in ("owner_password", "app_password"))
        self._keep(folder, "database_owner_url", f"postgresql://agricredit_owner:{owner}@{DATABASE}")
        self._keep(folder, "database_url", f"postgresql://agricredit_app:{app}@{DATABASE}")
        self._keep(folder, "secret_key", secrets.token_urlsafe(50))
        self._keep(folder, "personal_data_keys", f"first:{_key()}")
        self._keep(folder, "personal_data_hash_key", secrets.token_urlsafe(32))
        self._keep(folder, "certificate_signing_key", _key())
        self.stdout.write(_("密钥文件在 %s。请备份到别处：丢失后，加密的个人信息无法恢复。") % folder)

    def _keep(self, folder: Path, name: str, value: str) -> None:
        try:
            # Readable beyond its owner: Compose mounts it as it is, for the image's other user.
            # The folder keeps others out.
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            return
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(value)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
