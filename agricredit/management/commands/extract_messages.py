"""``manage.py extract_messages``: bring the .po files up to date with the sources."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from agricredit.management import catalogues


class Command(BaseCommand):
    """Adds new messages, drops gone ones, keeps translations, and says what is left to translate."""

    help = "从源代码和模板收集界面文字，更新 agricredit/locale 下的译文文件。"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """English for our own messages, Chinese for what packages leave in English."""
        for path, messages in (
            (catalogues.ENGLISH, catalogues.own_messages()),
            (catalogues.CHINESE, catalogues.needs_chinese()),
        ):
            total, left = catalogues.update(path, messages)
            self.stdout.write(
                _("%(file)s：共 %(total)d 条，待译 %(left)d 条")
                % {"file": path.relative_to(catalogues.LOCALES), "total": total, "left": left}
            )
