"""A phone in the field: its farm, and a page on which a lost line is no fault."""

import re

import pytest
from django.core.management import call_command

from tests.archives.portal.farm import make_farm
from tests.browser.conftest import PHONE


@pytest.fixture
def farm():
    """A cooperative with one plot and one product, its owner not logged in yet."""
    call_command("migrate", verbosity=0, interactive=False)  # the flush took the groups' permissions away
    return make_farm(name="遂溪县红土地蔬菜专业合作社")


@pytest.fixture
def handset(open_page):
    """A phone on which a lost line is no fault of the page."""

    def make(**options):
        page = open_page(PHONE, **options)
        page.forgive = re.compile(r"ERR_INTERNET_DISCONNECTED|Failed to fetch|ERR_FAILED|status of (401|409)")
        return page

    return make
