"""Working days of the People's Republic of China, as the State Council announces them year by year."""
