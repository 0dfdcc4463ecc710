"""``/my/`` as an app: what installs it, what the worker keeps, and how much the first load costs."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import storages
from django.core.management import call_command
from django.test import Client, override_settings

from agricredit.pages import offline
from archives.portal.offline.words import words
from tests.archives.portal.farm import make_farm
from tests.factories.records import HarvestFactory

pytestmark = pytest.mark.django_db
BUDGET = 60_000
SCRIPTS = Path(settings.BASE_DIR) / "agricredit/static/js/offline"


def weight(data):
    return len(gzip.compress(data, 6))


def test_the_first_load_of_home_is_within_sixty_kilobytes():
    farm = make_farm()
    for _more in range(5):
        HarvestFactory(producer=farm.producer, product=farm.product)
    page = farm.get("/my/")
    own = re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js))"', page)
    assert {"css/portal.css", "js/offline/main.js"} <= set(own)
    names = {*own, *(f"js/offline/{name}.js" for name in offline.SCRIPTS)}
    parts = {name: weight(Path(finders.find(name)).read_bytes()) for name in names}
    total = weight(page.encode()) + sum(parts.values())
    assert total <= BUDGET, sorted(parts.items(), key=lambda part: -part[1])


def test_the_worker_keeps_every_script_and_style_of_the_frame(client):
    source = client.get("/my/worker.js").content.decode()
    kept = json.loads(re.search(r"const KEPT = (.*);", source)[1])
    frame = client.get("/my/app/").content.decode()
    shown = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js|svg))"', frame)
    assert set(shown) <= set(kept)
    modules = {f"/static/js/offline/{path.name}" for path in SCRIPTS.glob("*.js")}
    assert modules - {"/static/js/offline/worker.js"} <= set(kept)
    assert client.get("/my/worker.js")["Content-Type"].startswith("text/javascript")
    for address in kept:
        if address.startswith("/static/"):
            assert finders.find(address.removeprefix("/static/")), address


def test_every_import_between_modules_names_a_module_that_is_kept():
    for path in SCRIPTS.glob("*.js"):
        for name in re.findall(r'from "\./(\w+)\.js"', path.read_text(encoding="utf-8")):
            assert name in offline.SCRIPTS


def test_the_manifest_installs_it_with_icons_that_exist(client):
    response = client.get("/my/app.webmanifest")
    said = response.json()
    assert response["Content-Type"] == "application/manifest+json"
    assert (said["scope"], said["start_url"], said["display"]) == ("/my/", "/my/", "standalone")
    for icon in said["icons"]:
        picture = Path(finders.find(icon["src"].removeprefix("/static/"))).read_bytes()
        width = int.from_bytes(picture[16:20], "big")
        assert icon["sizes"] == f"{width}x{width}"
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}


def test_the_frame_names_nobody_whoever_opens_it():
    farm = make_farm()
    mine, anyones = farm.get("/my/app/"), Client().get("/my/app/").content.decode()
    data = re.search(r'id="my-context" type="application/json">(.*?)</script>', mine, re.S)[1]
    assert json.loads(data)["context"] == {"shell": True, "user": None, "producer": None}
    assert farm.producer.name not in mine
    assert farm.user.name not in mine
    assert re.sub(r'csrf\w+" value="\w+"', "", mine) == re.sub(r'csrf\w+" value="\w+"', "", anyones)


def test_every_word_that_the_scripts_ask_for_is_there_and_none_is_idle():
    source = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS.glob("*.js"))
    used = set(re.findall(r"\bwords\.(\w+)", source))
    assert used == set(words())


def test_no_script_writes_markup_or_runs_text():
    source = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS.glob("*.js"))
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", source)


def test_modules_import_each_other_by_names_that_hold_their_content(tmp_path):
    """Behind a long cache an old module must never meet a new one."""
    with override_settings(
        STATIC_ROOT=tmp_path,
        STATICFILES_DIRS=[SCRIPTS.parent.parent],
        STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
        STORAGES={
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "agricredit.foundation.common.storage.StaticStorage"},
        },
    ):
        finders.get_finder.cache_clear()
        call_command("collectstatic", interactive=False, verbosity=0)
        manifest = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
        main = (tmp_path / manifest["js/offline/main.js"]).read_text(encoding="utf-8")
        assert storages["staticfiles"].url("js/offline/main.js").endswith(manifest["js/offline/main.js"])
    finders.get_finder.cache_clear()
    imported = re.findall(r'from "\./([\w.]+\.js)"', main)
    assert imported
    assert all(f"js/offline/{name}" in manifest.values() for name in imported)
