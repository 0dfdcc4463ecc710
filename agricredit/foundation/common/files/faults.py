"""What is wrong with a file, where, and in one line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One fault: file, row as a spreadsheet counts (1 = heading, 0 = whole file), column, sentence."""

    file: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        """``events.csv:17:kind: 未知的信息类型``."""
        return f"{self.file}:{self.row}:{self.column}: {self.message}"


class FileRefused(Exception):
    """The file cannot be used at all; ``faults`` says why."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults in order of row and column."""
        self.faults = sorted(faults)
        super().__init__("\n".join(map(str, self.faults)))
