"""The training loop: runs, promotion against the gold set, rollback."""
