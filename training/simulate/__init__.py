"""Simulation of reconciliation: drawn truth, planted misreadings, and what becomes of them."""
