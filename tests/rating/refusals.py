"""What a service refuses."""

import pytest
from django.core.exceptions import ValidationError


def refused(code, call, /, *arguments, **named):
    """Call it: it must refuse with this code. What it said is returned."""
    with pytest.raises(ValidationError) as refusal:
        call(*arguments, **named)
    assert refusal.value.code == code
    return " ".join(refusal.value.messages)
