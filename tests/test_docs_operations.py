"""docs/operations.md names every key of the environment with its meaning, and none that is gone."""

import re

from agricredit.environment import BASE_DIR, Environment


def table() -> str:
    """The table as it must stand in the page."""
    lines = ["| key | default | meaning |", "|---|---|---|"]
    for key, field in Environment.model_fields.items():
        default = "" if field.default_factory or field.default in ("", None) else str(field.default)
        default = default.replace(f"{BASE_DIR}/", "")
        shown = f"`{default}`" if default else ""
        lines.append(f"| `{key}` | {shown} | {field.description} |")
    return "\n".join(lines)


def test_every_key_is_documented_as_the_code_reads_it():
    page = (BASE_DIR / "docs" / "operations.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- keys:begin.*?-->\n(.*?)\n<!-- keys:end -->", page, re.DOTALL)
    assert found is not None
    assert found[1] == table()
