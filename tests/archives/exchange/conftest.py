"""Another platform on loopback, and the mapping to it."""

import pytest
import yaml

from tests.archives.exchange.platform import HARVESTS, PRODUCERS, running
from tests.factories.archives import RegionFactory


@pytest.fixture
def other():
    with running() as (platform, address):
        platform.address = address
        yield platform


@pytest.fixture
def configured(other, settings, tmp_path):
    """Write the mapping file; with keywords only those nouns."""

    def write(**nouns):
        token = tmp_path / "token"
        token.write_text("secret\n")
        entry = {"name": "province", "title": "省平台", "region": "440823", "address": other.address,
                 "token_file": str(token), "nouns": nouns}  # fmt: skip
        path = tmp_path / "platforms.yaml"
        path.write_text(yaml.safe_dump({"platforms": [entry]}, allow_unicode=True))
        settings.PLATFORMS_FILE = str(path)

    RegionFactory()
    write(producers=PRODUCERS, record_harvest=HARVESTS)
    return write
