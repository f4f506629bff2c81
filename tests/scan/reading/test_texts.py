from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from models.text import Glyph, Line, Picture
from service.scan.print.ink import Blot
from service.scan.print.lines import Frame, InkLine
from service.scan.print.snips import Snip
from service.scan.reading.texts import read_snips


class _Told:
    """A recogniser that gives the readings it was told, one list for each time it is asked."""

    def __init__(self, *rounds: Sequence[Line]) -> None:
        self.rounds = list(rounds)

    def read(self, crops: Sequence[Picture]) -> tuple[Line, ...]:
        lines = self.rounds.pop(0) if crops else ()
        assert len(lines) >= len(crops)
        return tuple(lines[: len(crops)])


def _line(text: str, confidence: float, number: str | None = None, sure: float = 0.99) -> Line:
    def glyphs(characters: str, probability: float) -> tuple[Glyph, ...]:
        return tuple(Glyph(character, 10.0 * i, probability) for i, character in enumerate(characters))

    return Line(glyphs(text, confidence), glyphs(text if number is None else number, sure))


def _read(subject: Line, *again: Line, in_cell: bool = False) -> Line:
    """Reads one snip: of a line that the detector found, or of a line of ink in a cell."""
    line = InkLine((Blot(1, 5, 5, 20, 25, 200),)) if in_cell else None
    snip = Snip(np.full((30, 30), 255, np.uint8), 0, 0, Frame(5, 5, 20, 25), line, 20.0)
    return read_snips([snip], _Told([subject], *([line] for line in again)))[0]  # type: ignore[arg-type]


def test_sure_line_is_read_once() -> None:
    assert _read(_line("机构", 0.9), _line("x", 1.0), _line("x", 1.0)).text == "机构"


def test_text_in_doubt_becomes_what_most_of_its_pictures_show() -> None:
    read = _read(_line("机枸", 0.4), _line("机构", 0.45), _line("机构", 0.6))
    assert read.text == "机构"
    assert read.confidence == pytest.approx(0.35)  # its share: what the third picture saw is not in it


def test_line_without_words_becomes_the_number_that_its_pictures_show() -> None:
    read = _read(_line("O", 0.6, "0", 0.98), _line("0", 0.7, "0", 0.99), _line("o", 0.7, "0", 0.9))
    assert (read.text, read.confidence) == ("0", pytest.approx(0.957, abs=0.001))


def test_number_in_a_cell_is_left_to_the_second_reader() -> None:
    assert _read(_line("D", 0.6, "0", 0.5), _line("0", 0.9), _line("0", 0.9), in_cell=True).text == "D"
