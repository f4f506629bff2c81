"""Drawn reports with exact truth: numbers, prose, layout, scan effects, and the formats that agencies publish in."""
