"""Pages that show several floors."""
