"""A real headless Chromium: two viewports, no console error or CSP violation let pass, and axe."""

import os
import shutil
import threading
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1366, "height": 900}
PHONE = {"width": 360, "height": 740}
PATIENCE = 60_000  # milliseconds; costs nothing when things go well, and the machine may be busy
expect.set_options(timeout=PATIENCE)
# Playwright's loop runs in this thread; Django would take it for an asynchronous caller and refuse.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items):
    """Everything under this folder is a browser test."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # The server answers from another thread, which sees committed rows only.
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def chromium():
    """The browser of the machine; where there is none these tests are skipped, in CI they fail."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on PATH: install the package chromium")
        pytest.skip("no Chromium on PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, live_server):
    """Make pages: ``open_page(PHONE, scripts=False)``; at the end no page may have complained."""
    contexts, complaints = [], []

    def make(viewport=DESKTOP, scripts=True, scale=1, **options):
        context = chromium.new_context(
            base_url=live_server.url,
            viewport=viewport,
            java_script_enabled=scripts,
            device_scale_factor=scale,
            locale="zh-CN",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.forgive = None  # a pattern of complaints that belong to the test: a line that is cut

        def note(message):
            forgiven = page.forgive and page.forgive.search(message.text)
            if message.type == "error" and not forgiven:
                complaints.append(message.text)

        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.complaints = complaints
        return page

    yield make
    for context in contexts:
        context.close()
    let_the_server_finish()
    assert complaints == []


def let_the_server_finish():
    """Wait for what a closed page had still asked: half done it would meet the flush of all tables.

    The two could lock each other out, and what the request writes after the flush the next test would find.
    """
    for thread in threading.enumerate():
        if thread.name.endswith("(process_request_thread)"):
            thread.join(PATIENCE / 1000)


@pytest.fixture
def desktop(open_page):
    """A page of a desk computer."""
    return open_page(DESKTOP)


@pytest.fixture
def phone(open_page):
    """A page of a cheap phone."""
    return open_page(PHONE)


@pytest.fixture
def accessible():
    """A check that axe finds nothing wrong on a page as it stands."""
    axe = Axe()

    def check(page):
        found = axe.run(page, options={"resultTypes": ["violations"]})
        faults = [
            f"{fault['id']}: {fault['help']}\n  " + "\n  ".join(node["html"] for node in fault["nodes"][:3])
            for fault in found.response["violations"]
        ]
        assert faults == []

    return check


@pytest.fixture
def fits():
    """A check that a page does not scroll sideways."""

    def check(page):
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    return check


@pytest.fixture
def photograph():
    """Keep a picture of the page when SCREENSHOTS names a folder; the tests do not depend on it."""
    folder = os.environ.get("SCREENSHOTS", "")

    def take(page, name):
        if folder:
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return take
