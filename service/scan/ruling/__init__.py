"""Which ruled lines a page has, whole, broken to dots, or told from what is left of them."""
