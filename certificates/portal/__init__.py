"""Producers' own pages (``/my/certificates/``): 卖货开证, one's certificates, printing, voiding."""
