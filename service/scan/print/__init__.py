"""The print of a page: its ink, sorted into rules, specks, lines of text, strokes and signs."""
