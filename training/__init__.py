"""Drawn reports with exact truth, evaluation and benchmarks; nothing in the product imports it."""
