"""The officers' home in the back office and the menu beside every page of it."""
