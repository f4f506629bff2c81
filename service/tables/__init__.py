"""Tables: pages of tokens and rules -> grids of cells and paragraphs."""

from service.tables.build import build_blocks

__all__ = ["build_blocks"]
