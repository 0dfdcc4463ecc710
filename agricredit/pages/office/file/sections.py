"""All sections: importing this module fills the registry."""

from agricredit.pages.office.file import (
    archive,
    credit,
    evidence,
    fieldwork,
    history,
    kept,
    licences,
    remedies,
)

__all__ = ["archive", "credit", "evidence", "fieldwork", "history", "kept", "licences", "remedies"]
