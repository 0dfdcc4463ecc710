"""Users, roles and the one rule of who may see which region."""
