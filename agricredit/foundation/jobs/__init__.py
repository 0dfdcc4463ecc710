"""Background work as visible rows, and the outbox."""
