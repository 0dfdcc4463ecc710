"""Writes about accounts: one verb each, one audit line each."""

from .keys import issue_key, revoke_key
from .moves import move_regions
from .unused import disable_unused
from .users import (
    assign_role,
    change_details,
    create_user,
    deactivate,
    reactivate,
    reset_password,
    reset_second_factor,
)

__all__ = [
    "assign_role",
    "change_details",
    "create_user",
    "deactivate",
    "disable_unused",
    "issue_key",
    "move_regions",
    "reactivate",
    "reset_password",
    "reset_second_factor",
    "revoke_key",
]
