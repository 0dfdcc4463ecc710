"""The exchange files of ``ledger-contract.md``: producers.csv and events.csv, in and out."""

from archives.services.exchange.exporting import Exported, export_archive
from archives.services.exchange.importing import ImportRefused, ImportSummary, import_archive

__all__ = ["Exported", "ImportRefused", "ImportSummary", "export_archive", "import_archive"]
