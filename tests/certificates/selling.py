"""What is sent to sell and certify."""

import uuid


def sale(**changes):
    """Forty kilograms to the market, but for the changes."""
    facts = {
        "uid": str(uuid.uuid4()),
        "quantity": "40",
        "buyer": "霞山批发市场",
        "bases": ["quality_control"],
    }
    return {**facts, **changes}
