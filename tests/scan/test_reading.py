from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.text import Glyph, Line, Picture
from service.scan.lines import Frame
from service.scan.reading import read_snips
from service.scan.snips import Lanes, Snip


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


def _read(subject: Line, *again: Line) -> Line:
    """Reads one snip of a column of zeros: the last of four."""
    lanes: Lanes = ((0, "column", 1),)
    snip = Snip(np.full((30, 30), 255, np.uint8), 0, 0, Frame(5, 5, 20, 25), None, 20.0, lanes)
    zero = _line("0", 0.99)
    told = _Told([zero, zero, zero, subject], *([line] for line in again))
    return read_snips([snip] * 4, told)[3]  # type: ignore[arg-type]


def test_number_that_both_decodings_confirm_is_sure_and_read_once() -> None:
    read = _read(_line("0", 0.93, "0", 0.99))
    assert (read.text, read.confidence) == ("0", 0.99)


def test_three_pictures_that_agree_count_by_the_least_sure() -> None:
    read = _read(_line("O", 0.6, "0", 0.98), _line("0", 0.7, "0", 0.99), _line("o", 0.7, "0", 0.975))
    assert (read.text, read.confidence) == ("0", 0.975)


def test_pictures_that_differ_leave_a_doubt() -> None:
    read = _read(_line("D", 0.6, "0", 0.99), _line("1", 0.9, "1", 0.9), _line("0", 0.9, "0", 0.99))
    assert read.text == "0"
    assert read.confidence < 0.9


def test_sure_number_among_numbers_that_reads_otherwise_among_all_is_read_again() -> None:
    read = _read(_line("b", 0.8, "6", 0.99), _line("6", 0.9, "6", 0.7), _line("6", 0.9, "6", 0.99))
    assert (read.text, read.confidence) == ("6", 0.7)
