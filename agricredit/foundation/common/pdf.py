"""Documents on paper: a Typst template and its facts become a vector PDF with the packaged Chinese font."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst


@lru_cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, font_paths=[str(Path(pylopdf_fonts_zh_cn.__file__).parent)]
    )


def compiled(template: Path, facts: Mapping[str, Any]) -> bytes:
    """The PDF of a template, which reads ``facts`` as JSON from ``sys.inputs.data``, and only its folder."""
    return typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(dict(facts), ensure_ascii=False)},
    )
