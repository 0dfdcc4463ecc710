"""The table of working days behind every statutory clock."""
