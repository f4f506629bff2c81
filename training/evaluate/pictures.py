"""The pages with the most wrong fields, as pictures with these marked."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from service.annotate import DOUBTFUL_COLOUR, WRONG_COLOUR, Mark, draw_marks
from service.documents import open_document
from service.errors import GoujiError
from training.evaluate.judging import Sample
from training.evaluate.outcome import FieldOutcome, Outcome

_WIDTH = 1000
"""Of a picture, in pixels."""


@dataclass(frozen=True, slots=True)
class WorstPage:
    """One page with wrong fields."""

    name: str
    quality: str
    case: str
    number: int
    picture: str
    """A JPEG as data URI: wrong fields red where they are sure, orange where a person is asked."""
    marked: tuple[FieldOutcome, ...]
    lost: tuple[FieldOutcome, ...]
    """Fields of the report that have no place on any page: their cells were not found."""


def worst_pages(outcomes: Iterable[Outcome], samples: Mapping[str, Sample], most: int) -> Iterator[WorstPage]:
    """The pages with the most wrong fields, worst first, of inputs whose sample is known and that have pictures.

    A field without a place counts for the page on which most fields of its table were found.
    """
    found = [
        (len(marked) + len(lost), outcome, number, marked, lost)
        for outcome in outcomes
        if outcome.name in samples and outcome.wrong
        for number, (marked, lost) in _by_page(outcome).items()
    ]
    found.sort(key=lambda one: -one[0])
    for _, outcome, number, marked, lost in found[:most]:
        picture = _picture(samples[outcome.name], number, marked)
        if picture:
            yield WorstPage(outcome.name, outcome.quality, outcome.case, number, picture, tuple(marked), tuple(lost))


_Fields = list[FieldOutcome]


def _by_page(outcome: Outcome) -> dict[int, tuple[_Fields, _Fields]]:
    pages: dict[int, tuple[_Fields, _Fields]] = {}
    for field in outcome.wrong:
        number = field.page or _likely_page(outcome, field)
        if number is not None:
            marked, lost = pages.setdefault(number, ([], []))
            (marked if field.page and field.bbox else lost).append(field)
    return pages


def _likely_page(outcome: Outcome, field: FieldOutcome) -> int | None:
    table = field.field.partition(".")[0]
    near = Counter(one.page for one in outcome.fields if one.page and one.field.partition(".")[0] == table)
    anywhere = near or Counter(one.page for one in outcome.fields if one.page)
    return anywhere.most_common(1)[0][0] if anywhere else None


def _picture(sample: Sample, number: int, marked: Sequence[FieldOutcome]) -> str | None:
    try:
        document = open_document(sample.name, sample.load()[0])
    except GoujiError:
        return None
    page = next((one for one in document.pages if one.number == number), None)
    if page is None or page.render is None:
        return None
    marks = [Mark(one.bbox, WRONG_COLOUR if one.sure else DOUBTFUL_COLOUR, _labels(one)) for one in marked if one.bbox]
    return data_uri(draw_marks(page.render(), marks))


def _labels(field: FieldOutcome) -> tuple[str, ...]:
    """As `72 not 12`, or `_ not 12` for an empty cell."""
    got = "_" if field.got is None else f"{field.got:g}"
    want = "_" if field.want is None else str(field.want)
    short = want if want.isascii() else "?"  # the default font has Latin letters only
    return f"{got} not {short}", f"{got}<{short}", got


def data_uri(picture: Image.Image) -> str:
    """A picture as JPEG inside an address, at most `_WIDTH` pixels wide."""
    if picture.width > _WIDTH:
        picture = picture.resize((_WIDTH, round(picture.height * _WIDTH / picture.width)), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=70)
    return "data:image/jpeg;base64," + base64.b64encode(content.getvalue()).decode("ascii")
