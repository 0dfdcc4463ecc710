"""Translation catalogues without the system's gettext: collect messages, keep .po files, compile .mo files.

Our own messages are Chinese in the source; ``en`` translates all of them. ``zh_Hans`` holds only what the
installed packages leave in English. Messages are found in Python by its syntax tree and in templates by
Django's own reader, so nothing but Python is needed.
"""

from __future__ import annotations

import ast
import io
import os
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polib  # type: ignore[import-untyped]  # no stubs in the lock
import yaml
from django.conf import settings
from django.utils.translation.template import templatize

from rating import schemes

LOCALES = Path(settings.BASE_DIR) / "agricredit" / "locale"
ENGLISH = LOCALES / "en" / "LC_MESSAGES" / "django.po"
CHINESE = LOCALES / "zh_Hans" / "LC_MESSAGES" / "django.po"
OURS = ("agricredit", "archives", "rating", "certificates", "supervision", "templates")
#: Installed packages whose pages people see and that bring no or an incomplete Chinese catalogue.
THEIRS = (
    "unfold",
    "django_filters",
    "drf_spectacular",
    "rest_framework",
    "django_celery_beat",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.forms",
    "django.views",
    "allauth.mfa",
    "allauth.account",
)

#: Said better here than by Django: its 注销 would also mean to close an account for good.
PREFERRED = ("Log out", "View site", "Filters")

# What each function's arguments are: the message's, and where its plural and its context stand.
_SINGULAR = ("gettext", "gettext_lazy", "gettext_noop", "_", "gettext_text")
_PLURAL = ("ngettext", "ngettext_lazy")
_CONTEXT = ("pgettext", "pgettext_lazy")
_BOTH = ("npgettext", "npgettext_lazy")
_CALL = re.compile(r"(?<![\w.])(?:n?p?gettext|_)\(")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, order=True)
class Message:
    """A text as the source has it; ``plural`` and ``context`` are empty where it has none."""

    text: str
    plural: str = ""
    context: str = ""


def is_chinese(text: str) -> bool:
    """Whether a text has a Chinese character."""
    return bool(_CHINESE.search(text))


def own_messages() -> dict[Message, str]:
    """Every message of this project and the first file it stands in."""
    found = _messages((settings.BASE_DIR / folder for folder in OURS), settings.BASE_DIR)
    for code in schemes.SHIPPED:
        for text in of_scheme(schemes.document(code)):
            found.setdefault(Message(text), f"rating/schemes/{code}.yaml")
    for path in sorted(settings.BASE_DIR.glob("supervision/data/*items.yaml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")):
            found.setdefault(Message(item["name"]), str(path.relative_to(settings.BASE_DIR)))
    return found


def package_messages(name: str) -> dict[Message, str]:
    """Every message of an installed package."""
    spec = find_spec(name)
    folders = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    return {
        message: place for folder in folders for message, place in _messages([folder], folder.parent).items()
    }


def _messages(folders: Iterable[Path], root: Path) -> dict[Message, str]:
    found: dict[Message, str] = {}
    for folder in folders:
        for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.html"), *folder.rglob("*.txt")]):
            text = path.read_text(encoding="utf-8")
            read = of_python if path.suffix == ".py" else of_template
            for message in read(text, str(path)):
                found.setdefault(message, str(path.relative_to(root)))
    return found


def of_python(text: str, origin: str = "") -> Iterator[Message]:
    """Messages of a Python source, in its order."""
    for node in ast.walk(ast.parse(text, origin)):
        if isinstance(node, ast.Call):
            function = (
                node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            )
            message = _message(function, node.args)
            if message is not None:
                yield message


def of_scheme(document: Any, key: str = "") -> Iterator[str]:
    """The words of a rating scheme that readers see in their language."""
    if isinstance(document, dict):
        for name, part in document.items():
            yield from of_scheme(part, name)
    elif isinstance(document, list):
        for part in document:
            yield from of_scheme(part, key)
    elif key in schemes.WORDS and isinstance(document, str) and is_chinese(document):
        yield document


def of_template(text: str, origin: str = "") -> Iterator[Message]:
    """Messages of a Django template, in its order."""
    source = templatize(text, origin=origin)
    for call in _CALL.finditer(source):
        expression = _balanced(source[call.start() :])
        node = ast.parse(expression, origin, mode="eval").body
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            message = _message(node.func.id, node.args)
            if message is not None:
                yield message


def _balanced(source: str) -> str:
    """The call that ``source`` begins with, up to its closing parenthesis."""
    depth = 0
    lines = source.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        depth += {"(": 1, ")": -1}.get(token.string, 0) if token.type == tokenize.OP else 0
        if token.type == tokenize.OP and token.string == ")" and not depth:
            row, column = token.end
            return "".join(lines[: row - 1]) + lines[row - 1][:column]
    raise ValueError(f"unclosed call: {source[:80]}")


def _message(function: str, arguments: list[ast.expr]) -> Message | None:
    values = [node.value if isinstance(node, ast.Constant) else None for node in arguments]
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) < len(values) and function in _SINGULAR:
        return None
    if function in _SINGULAR and len(texts) == 1 and texts[0]:
        return Message(texts[0])
    if function in _PLURAL and len(texts) >= 2:
        return Message(texts[0], plural=texts[1])
    if function in _CONTEXT and len(texts) == 2:
        return Message(texts[1], context=texts[0])
    if function in _BOTH and len(texts) >= 3:
        return Message(texts[1], plural=texts[2], context=texts[0])
    return None


def update(path: Path, messages: dict[Message, str]) -> tuple[int, int]:
    """Make a .po file hold exactly these messages, keeping translations; returns (all, untranslated)."""
    catalogue = polib.pofile(str(path), wrapwidth=110) if path.exists() else _empty(path)
    kept = {_key(entry): entry for entry in catalogue}
    catalogue.clear()
    for message, place in sorted(messages.items(), key=lambda item: (item[1], item[0])):
        entry = kept.get(message) or _entry(message, forms=1 if path == CHINESE else 2)
        entry.occurrences = [(place, "")]
        catalogue.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path))
    return len(catalogue), len(untranslated(path))


def untranslated(path: Path) -> list[str]:
    """Texts of a .po file without a translation."""
    return [entry.msgid for entry in polib.pofile(str(path)) if not entry.translated()]


def missing(path: Path, messages: Iterable[Message]) -> list[str]:
    """Messages that a .po file does not hold, or holds without a translation."""
    done = {_key(entry) for entry in polib.pofile(str(path)) if entry.translated()}
    return sorted(message.text for message in messages if message not in done)


def compile_all() -> list[Path]:
    """Write the .mo file beside each .po file that is newer than it; returns those written."""
    written = []
    for source in sorted(LOCALES.rglob("*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            # Renamed into place: another process may be reading the old one, or writing the same.
            fresh = target.with_suffix(f".mo.{os.getpid()}")
            polib.pofile(str(source)).save_as_mofile(str(fresh))
            fresh.replace(target)
            written.append(target)
    return written


def needs_chinese() -> dict[Message, str]:
    """Messages of the packages in :data:`THEIRS` that no other installed catalogue has in Chinese."""
    known = _known_in_chinese()
    return {
        message: place
        for package in THEIRS
        for message, place in package_messages(package).items()
        if not is_chinese(message.text)
        and ((message.context, message.text) not in known or message.text in PREFERRED)
    }


@cache
def _known_in_chinese() -> frozenset[tuple[str, str]]:
    """(context, text) of what Django loads in Chinese besides our own catalogue."""
    import django
    from django.apps import apps

    places = [
        Path(django.__file__).parent / "conf",
        *(Path(config.path) for config in apps.get_app_configs()),
    ]
    files = [place / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo" for place in places]
    return frozenset(
        (entry.msgctxt or "", entry.msgid)
        for path in files
        if path.exists() and not path.is_relative_to(LOCALES)
        for entry in polib.mofile(str(path))
    )


def _key(entry: polib.POEntry) -> Message:
    return Message(entry.msgid, entry.msgid_plural, entry.msgctxt or "")


def _entry(message: Message, forms: int) -> polib.POEntry:
    entry = polib.POEntry(msgid=message.text, msgctxt=message.context or None)
    if message.plural:
        entry.msgid_plural = message.plural
        entry.msgstr_plural = dict.fromkeys(range(forms), "")
    return entry


def _empty(path: Path) -> polib.POFile:
    catalogue = polib.POFile(wrapwidth=110)
    chinese = path == CHINESE
    catalogue.metadata = {
        "Language": "zh_Hans" if chinese else "en",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;" if chinese else "nplurals=2; plural=(n != 1);",
    }
    return catalogue
