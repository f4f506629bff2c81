"""A number with a remark in brackets behind it is read twice as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.digits import NumericCrop, NumericReading
from models.text import RECOGNISER, Line
from service.documents.model import Box, Page, Picture, Token
from service.scan import read_page
from tests.drawn import cell_box, readers, table_page
from tests.pools import plain_pool

WORDS = dict(zip("BCDEF", "其中修订六", strict=True))


class _Chinese:
    """The recogniser, for which the letters of a remark are Chinese, which no font that is always there has."""

    name = RECOGNISER

    def __init__(self) -> None:
        self.inner = readers().recogniser

    def read(self, crops: Sequence[Picture]) -> tuple[Line, ...]:
        return tuple(
            replace(line, glyphs=tuple(replace(one, text=WORDS.get(one.text, one.text)) for one in line.glyphs))
            for line in self.inner.read(crops)
        )


class _Sure:
    """A numeric reader that says of every crop that it is an 8, and remembers the crops."""

    name = "digits-0"

    def __init__(self) -> None:
        self.seen: list[NumericCrop] = []

    def read(self, crops: Sequence[NumericCrop]) -> tuple[NumericReading, ...]:
        self.seen = list(crops)
        return (NumericReading((("8", 0.98),)),) * len(crops)


def _tokens(text: str) -> tuple[list[Token], _Sure]:
    picture, digits = table_page({(5, 3): text}), _Sure()
    page = Page(1, picture.shape[1], picture.shape[0], render=lambda: picture, scanned=True)
    chosen = replace(readers(), recogniser=_Chinese(), digits=digits, pool=plain_pool)  # type: ignore[arg-type]
    cell = cell_box(5, 3)
    found = [token for token in read_page(page, chosen).tokens if token.text and _inside(token.box, cell)]
    return sorted(found, key=lambda token: token.box.x0), digits


def _inside(box: Box, cell: Box) -> bool:
    return cell.x0 < (box.x0 + box.x1) / 2 < cell.x1 and cell.y0 < (box.y0 + box.y1) / 2 < cell.y1


def test_the_number_before_a_remark_is_shown_to_the_numeric_reader_without_the_remark() -> None:
    tokens, digits = _tokens("8(BCDEF)")
    assert "".join(token.text for token in tokens) == "8(其中修订六)"
    assert tokens[0].reader == f"{RECOGNISER}+digits-0"
    cell = cell_box(5, 3)
    wide = (cell.x1 - cell.x0) * 1000
    assert any(0.1 * wide < crop.picture.shape[1] < 0.6 * wide for crop in digits.seen)


def test_words_alone_are_not_shown_to_it() -> None:
    tokens, _ = _tokens("(BCDEF)8")
    assert {token.reader for token in tokens} == {RECOGNISER}
