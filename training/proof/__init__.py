"""What learning is worth, measured: ways of placing cells and ways of reading numbers, on the same held-out reports."""
