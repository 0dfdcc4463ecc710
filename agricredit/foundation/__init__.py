"""The ground: what the four apps stand on."""
