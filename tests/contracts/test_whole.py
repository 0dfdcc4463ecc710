"""What holds for the platform as a whole: names, words, files, templates, documents."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from agricredit import celery, environment
from agricredit.foundation.audit import registry
from archives.ledger.kinds import KINDS

ROOT = Path(settings.BASE_DIR)
APPS = ("agricredit", "archives", "rating", "certificates", "supervision")
MOST_LINES = 400
OWN_LABELS = {"accounts", "audit", "jobs", "calendar", "archives", "rating", "certificates", "supervision"}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository, also those not yet committed; without git every file of our folders."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        folders = (*APPS, "templates", "tests", "docs", ".ci")
        return tuple(path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    return tuple(path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file())


def sources(*folders: str) -> list[Path]:
    """Python files below the folders, without migrations."""
    wanted = folders or APPS
    return [
        path
        for path in tracked()
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] in wanted
        and "migrations" not in path.parts
    ]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def literals(node: ast.AST) -> Iterator[str]:
    """Every string literal below a node."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


@cache
def strings(path: Path) -> frozenset[str]:
    """Every string literal of a file."""
    return frozenset(literals(parsed(path)))


def calls(path: Path, name: str):
    """Calls of a function by its bare name or as an attribute."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == name:
                yield node


def keyword(call: ast.Call, name: str) -> str | None:
    for given in call.keywords:
        if given.arg == name and isinstance(given.value, ast.Constant):
            return given.value.value
    return None


# --- the ledger -------------------------------------------------------------------------------------------
#: Where a poster's form is: the module whose code names the kinds it posts.
FORMS = {
    "records": "archives/services/records",
    "supervision": "supervision/services",
    "certificates": "certificates/services",
    "services": "archives/services",
    "register": "archives/services/register",
    "import": "archives/services/sheets",
    "rating": "rating/services",
}
#: What honours and filings say is data: the kinds stand there.
VOCABULARY = (ROOT / "archives/data/register.yaml").read_text(encoding="utf-8")


#: Kinds that code names by the registry's constants.
CONSTANTS = {"repair.granted": "REPAIR"}


@cache
def posted_by(form: str) -> frozenset[str]:
    """What the code of a form's floor says: its literals and names."""
    folder = FORMS[re.split("[.:]", form)[0]]
    said: set[str] = set()
    for path in sources(*APPS):
        if path.relative_to(ROOT).as_posix().startswith(folder):
            said |= strings(path)
            said |= {node.id for node in ast.walk(parsed(path)) if isinstance(node, ast.Name)}
    return frozenset(said)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_event_kind_has_a_way_into_the_ledger(kind):
    assert kind.posters
    for poster in kind.posters:
        if poster.form == "import":
            assert (ROOT / "archives/management/commands/import_archive.py").is_file()
        else:
            wanted = CONSTANTS.get(kind.name, kind.name)
            found = wanted in posted_by(poster.form)
            found = found or (poster.form.startswith("register:") and f"event: {wanted}" in VOCABULARY)
            assert found, f"{kind.name}: no code of {poster.form} posts it"


def test_code_posts_no_kind_that_the_registry_does_not_know():
    for path in sources(*APPS):
        for call in calls(path, "EventDraft"):
            kind = keyword(call, "kind")
            assert kind is None or kind in KINDS, f"{path}: {kind}"


# --- audit, tasks, jobs -----------------------------------------------------------------------------------
def test_every_verb_in_code_is_registered_and_every_registered_one_is_used():
    used = {
        verb for path in sources(*APPS) for call in calls(path, "record") if (verb := keyword(call, "verb"))
    }
    known = set(registry.verbs())
    assert used - known == set()
    written = {value for path in sources(*APPS) if path.name != "verbs.py" for value in strings(path)}
    unused = {verb for verb in known if not any(verb == text or beginning(verb) == text for text in written)}
    assert unused == set(), "nothing in the code writes these: take them out of verbs.py"


def beginning(verb: str) -> str:
    """What an f-string like ``f"run.{state}"`` leaves of the verb as a literal."""
    return verb.partition(".")[0] + "."


def test_every_scheduled_task_exists():
    celery.app.autodiscover_tasks(force=True)
    celery.app.loader.import_default_modules()
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert named <= set(celery.app.tasks)


# --- the database -----------------------------------------------------------------------------------------
def own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in OWN_LABELS]


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_every_constraint_has_a_name_that_reads_as_a_rule(model):
    """At least three words: what it is about, and what must hold."""
    for constraint in model._meta.constraints:
        assert len(constraint.name.split("_")) >= 3, constraint.name
        assert not re.search(r"[0-9a-f]{8}|_(uniq|check|ck|idx)\d*$", constraint.name), constraint.name


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_every_model_has_a_chinese_name(model):
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert chinese.search(str(model._meta.verbose_name)), model
    assert chinese.search(str(model._meta.verbose_name_plural)), model


# --- files ------------------------------------------------------------------------------------------------
def test_every_file_fits_in_one_head():
    """400 lines, but for generated migrations, catalogues and the contract's own reference in the tests."""
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in tracked()
        if path.suffix in {".py", ".html", ".css", ".js", ".md"}
        and ".min." not in path.name
        and "migrations" not in path.parts
        and (lines := path.read_text(encoding="utf-8").count("\n")) > MOST_LINES
    }
    assert {name for name in long if not name.startswith("tests/")} == set()


def test_no_file_waits_for_work():
    left = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    assert [path for path in sources(*APPS) if left.search(path.read_text(encoding="utf-8"))] == []


SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}\b"
    r"|\b(?:secret|password|token|api_?key)\s*[=:]\s*[\"'][A-Za-z0-9+/_=-]{24,}[\"']",
    re.IGNORECASE,
)
#: Debug's own secrets, which the environment refuses outside debug; and made-up ones of tests.
KNOWN_SECRETS = {"agricredit/environment.py"}


def test_no_secret_stands_in_the_repository():
    texts = {".py", ".yml", ".yaml", ".md", ".toml", ".html", ".js", ".sh", ".lock", ".env", ".json", ""}
    found = []
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix not in texts or name in KNOWN_SECRETS or name.startswith("tests/"):
            continue
        if match := SECRETS.search(path.read_text(encoding="utf-8", errors="replace")):
            found.append((name, match.group()[:40]))
    assert found == []


# --- templates --------------------------------------------------------------------------------------------
def templates() -> list[Path]:
    """Our own templates outside the back office, whose policy allows what Unfold needs."""
    return [
        path
        for path in tracked()
        if path.suffix == ".html" and "templates" in path.parts and "admin" not in path.parts
    ]


INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE)
EXTERNAL = re.compile(r"(?:src|href|action)=[\"'](?:https?:)?//", re.IGNORECASE)


def test_templates_hold_no_inline_code_and_nothing_from_elsewhere():
    assert templates()
    for path in templates():
        text = path.read_text(encoding="utf-8")
        assert not INLINE.search(text), f"{path}: {INLINE.search(text)}"
        assert not EXTERNAL.search(text), f"{path}: {EXTERNAL.search(text)}"


def test_static_files_load_nothing_from_elsewhere():
    elsewhere = re.compile(r"(?:url\(|@import |fetch\(|import )[\"']?(?:https?:)?//")
    for path in tracked():
        if "static" in path.parts and path.suffix in {".css", ".js"}:
            assert not elsewhere.search(path.read_text(encoding="utf-8")), path


# --- public pages -----------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/rights/",
        "/search/?q=合作社",
        "/accounts/login/",
        "/api/v1/docs/",
        "/api/v1/docs/bulk_uses/",
        "/api/v1/docs/records_uses_create/",
    ],
)
def test_public_pages_stay_small(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert len(response.content) < 50_000, address


# --- documents --------------------------------------------------------------------------------------------
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


def test_documents_hold_no_broken_link():
    for path in tracked():
        if path.suffix != ".md":
            continue
        for first, second in LINK.findall(path.read_text(encoding="utf-8")):
            target = (first or second).partition("#")[0]
            if target and not re.match(r"[a-z]+:", target):
                assert (path.parent / target).exists(), f"{path.relative_to(ROOT)}: {target}"


def test_every_key_of_the_environment_is_documented():
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    for name in environment.Environment.model_fields:
        assert f"`{name}`" in text, name


def test_the_floors_hold():
    """import-linter's own verdict on the contracts of pyproject.toml."""
    tool = Path(sys.executable).with_name("lint-imports")
    verdict = subprocess.run([str(tool), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert verdict.returncode == 0, verdict.stdout[-2000:]
