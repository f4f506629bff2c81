"""Scanned pages: page picture -> straightened page with tokens and rules."""

from service.scan.page import read_otherwise, read_page

__all__ = ["read_otherwise", "read_page"]
