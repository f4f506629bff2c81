"""How much two readings of one cell are worth together: a pool of both readers' opinions, learned from drawn scans.

The pool is log-linear (a logarithmic opinion pool: Genest & Zidek, Combining probability distributions, 1986). Every
candidate gets a score that weighs what each reader said of it by what is known of the cell; the scores of a cell's
candidates, and of "none of them", become probabilities. A monotone curve, measured on reports that the pool was not
fitted on, then says how often such a probability was right.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.digits import FOREIGN, NOTHING, NumericReading
from models.pooling import Candidate, PoolContext
from models.registry import served
from service.errors import MissingModel

Floats = NDArray[np.float64]

_LEAST = 1e-3
"""What a reader that did not name a text leaves for it, at most."""
_KEPT = 8
STROKES = ("-", "/")
"""Texts that stand for nothing."""
_DIGIT = 20.0
"""Height in pixels of a digit on a good scan."""


LEGIBLE = 0.96
"""Legibility of a page (see `PoolContext`) from which it counts as well legible: of readings that the pool is equally
sure of far more are wrong on worn pages, mostly copies of copies."""
_LEGIBLE = "legible"
KINDS = (_LEGIBLE, "nothing as usual, worn", "nothing, worn", "zero, worn", "stroke, worn", "print, worn")
"""Kinds of readings, each with a curve of its own. On worn pages they differ by what is read first: of those that the
pool is equally sure of, more are wrong where nothing is read than where a zero or a stroke is, for such pages lose what
was printed, and seldom show what was not. But where a page shows no zero, or its print has lasted, next to nothing is
lost (of 2,754 such cells without any print or other ink over them three held a number, of 26 others 13), unless a whole
page has faded, which the report's others tell (`service.reconcile.losses`). On legible pages so little is wrong that
nothing tells them apart."""


def kind_of(text: str, context: PoolContext) -> str:
    """The kind of a reading, of `KINDS`.

    Args:
        text: its first candidate.
        context: of its cell.
    """
    if context.legibility >= LEGIBLE:
        return _LEGIBLE
    bare = not context.lines and not context.covered
    nothing = "nothing as usual" if context.left_empty and bare else "nothing"
    said = {NOTHING: nothing, "0": "zero", **dict.fromkeys(STROKES, "stroke")}.get(text, "print")
    return f"{said}, worn"


_UNSURE, _PUZZLED = 0.8, 0.87
"""A number that the numeric reader gives less, on a worn page or under other ink, is so sure at most, however sure
PP-OCR is: a digit that was lost, or a stroke that is none, deceives both, and one of them less. Of 67 such numbers of
176 captured scans that the pool gave 0.9 and more nine were wrong, where its curves expected 1.6; of 24 under nothing
on legible pages none was, nor of 98 zeros that it gave 0.95. Nor is a number surer where PP-OCR sees nothing: two of
four were wrong, where 0.3 were expected."""


def is_puzzling(text: str, ocr: Sequence[Candidate], numeric: NumericReading, context: PoolContext) -> bool:
    """Whether a text is a number, other than 0, that one of the readers hardly reads or does not see.

    The numeric reader's doubt counts where print is worn or covered.
    """
    if text in (NOTHING, FOREIGN, "0", *STROKES):
        return False
    if ocr and ocr[0][0] == NOTHING:
        return True
    unsure = sum(p for each, p in numeric.candidates if _bare(each) == _bare(text)) < _UNSURE
    return unsure and (context.legibility < LEGIBLE or context.covered)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The pool of one version, and how much doubt needs no person."""

    name: str
    weights: Floats
    """Of each of `FEATURES`, in their order."""
    curves: Mapping[str, Floats]
    """Of each of `KINDS` n x 2, both rising: from which pooled probability of the first candidate on, and how often it
    was right there."""
    sure: Mapping[str, float]
    """What the stated risk allows: `report`, how many of a report's scanned fields may be expected to be wrong;
    `text`, the confidence from which a field of a text is sure."""
    proven: Mapping[str, Sequence[tuple[float, float]]] | None = None
    """How often fields are right in scans of which every field was found and every identity holds, those that stand in
    an identity (`bound`) and others (`free`), and in other scans those that no identity confirms (`unproven`). Steps:
    from which confidence on, the share. None: not measured."""

    def pool(self, ocr: Sequence[Candidate], numeric: NumericReading, context: PoolContext) -> tuple[Candidate, ...]:
        """Make one list of both readers' candidates.

        Returns:
            Up to eight candidates, best first, each with the probability that it is what is printed; what they lack
            to 1 is the probability that none of them is.

        """
        texts, features = pool_features(ocr, numeric, context)
        probabilities = softmax(features @ self.weights)[:-1]
        ranked = sorted(zip(texts, probabilities.tolist(), strict=True), key=lambda one: -one[1])[:_KEPT]
        likely, second = ranked[0][1], ranked[1][1] if len(ranked) > 1 else 0.0
        curve = self.curves[kind_of(ranked[0][0], context)]
        step = int(np.searchsorted(curve[:, 0], likely, side="right")) - 1
        # What the curve does not grant the first goes to none of them. The pool's own word for the others is borne out;
        # raised by what too few cells have proven of the first, it would not be.
        granted = float(curve[max(step, 0), 1])
        if is_puzzling(ranked[0][0], ocr, numeric, context):
            granted = min(granted, _PUZZLED)
        first = max(granted, second)
        rest = min(1.0, (1 - first) / max(1 - likely, 1e-12))
        return ((ranked[0][0], first), *((text, p * rest) for text, p in ranked[1:]))


FEATURES = (
    "ocr", "numeric", "ocr, hard page", "numeric, hard page", "ocr, covered", "numeric, covered",
    "ocr, read the same among numbers", "ocr, small print", "numeric, small print", "ocr, free", "numeric, free",
    "ocr names it not", "numeric names it not", "both first",
    "numeric, separators", "ocr, several digits", "numeric, several digits", "ocr, one",
    "nothing", "nothing, print", "nothing, ink", "nothing, expected", "nothing, hard page", "nothing, covered",
    "nothing, free", "foreign", "foreign, expected", "stroke", "one", "zero", "length",
    "none", "none, hard page", "none, doubtful page", "none, covered", "none, pieces", "none, print",
)  # fmt: skip
"""What a candidate's score is made of; the last ones are those of "none of the candidates"."""
_OF_CANDIDATES = 31


def pool_features(
    ocr: Sequence[Candidate], numeric: NumericReading, context: PoolContext
) -> tuple[tuple[str, ...], Floats]:
    """What the pool knows of each candidate.

    Returns:
        The candidates of both readers, each once, and an array of (candidates + 1) x len(FEATURES), whose last row is
        for "none of them".

    """
    by_ocr, by_numeric = dict(ocr), dict(numeric.candidates)
    bare: defaultdict[str, float] = defaultdict(float)
    for text, p in numeric.candidates:
        bare[_bare(text)] += p
    texts = tuple({**by_numeric, **by_ocr})
    firsts = {candidates[0][0] for candidates in (ocr, numeric.candidates) if candidates}
    rows = np.zeros((len(texts) + 1, len(FEATURES)))
    hard = 1 - context.legibility
    print_, ink = log(context.printed + 0.02), log(context.ink + 0.02)
    for row, text in zip(rows, texts, strict=False):
        row[:_OF_CANDIDATES] = _of_candidate(text, by_ocr, by_numeric, bare, firsts, context, (print_, ink))
    rows[-1, _OF_CANDIDATES:] = (1, hard, context.doubt, context.covered, min(context.lines, 4) - 1, print_)
    return texts, rows


def _of_candidate(
    text: str,
    by_ocr: Mapping[str, float],
    by_numeric: Mapping[str, float],
    bare: Mapping[str, float],
    firsts: set[str],
    context: PoolContext,
    ink: tuple[float, float],
) -> tuple[float, ...]:
    first = log(max(by_ocr.get(text, 0.0), _LEAST))
    # A point or comma is a dot or two to the numeric reader: what it says of the digits counts apart from these.
    second = log(max(bare.get(_bare(text), 0.0), _LEAST))
    separated = log(max(by_numeric.get(text, 0.0), _LEAST)) - second
    several = sum(map(str.isdigit, text)) > 1
    hard, small, free = 1 - context.legibility, log(_DIGIT / max(context.digit, 1)), not context.framed
    nothing, foreign = text == NOTHING, text == FOREIGN
    return (
        first, second, first * hard, second * hard, first * context.covered, second * context.covered,
        first * context.agreed, first * small, second * small, first * free, second * free,
        text not in by_ocr, text not in by_numeric, len(firsts) == 1 and text in firsts,
        separated, first * several, second * several, first * (text == "1"),
        nothing, nothing * ink[0], nothing * ink[1], nothing * context.expected, nothing * hard,
        nothing * context.covered, nothing * free, foreign, foreign * context.expected, text in STROKES, text == "1",
        text == "0", 0 if foreign else len(text),
    )  # fmt: skip


def _bare(text: str) -> str:
    """A number without its separators."""
    return text.replace(".", "").replace(",", "")


def softmax(scores: Floats) -> Floats:
    """Scores as probabilities, along the last axis."""
    grown = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=-1, keepdims=True), np.float64)


def load_calibration() -> Calibration | None:
    """The served version; None where none is served.

    Raises:
        MissingModel: its file is absent, altered, or of another version of gouji.
    """
    found = served("calibration")
    if found is None:
        return None
    return read_calibration(found.folder, found.name)


def read_calibration(folder: Path, name: str) -> Calibration:
    """Read `model.json`; raises MissingModel where it is of another version of gouji."""
    model: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    if model["features"] != list(FEATURES) or set(model.get("curves", ())) != set(KINDS):
        raise MissingModel(f"The model {name} was made by another version of gouji: fit it again.")
    proven = {kind: tuple(map(tuple, steps)) for kind, steps in (model.get("proven") or {}).items()}
    curves = {kind: np.array(model["curves"][kind], np.float64) for kind in KINDS}
    return Calibration(name, np.array(model["weights"], np.float64), curves, dict(model["sure"]), proven or None)
