"""Scanned pages: page picture -> straightened page with tokens and rules."""

from service.scan.page import is_worn, read_again, read_otherwise, read_page

__all__ = ["is_worn", "read_again", "read_otherwise", "read_page"]
