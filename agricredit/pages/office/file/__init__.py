"""A producer's file on one page (主体档案): what every floor knows of it, and its printed sheet."""
