"""The producer's pages of this floor: what it may do about its results."""
