"""The ledger's rules without a database: kinds of events, the exact bytes of a leaf, Merkle hashing."""
