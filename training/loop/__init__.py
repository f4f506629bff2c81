"""The training loop: datasets with provenance, runs, promotion against the gold set, rollback."""
