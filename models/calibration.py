"""How much two readings of one cell are worth together: a pool of both readers' opinions, learned from drawn scans.

The pool is log-linear (a logarithmic opinion pool: Genest & Zidek, Combining probability distributions, 1986). Every
candidate gets a score that weighs what each reader said of it by what is known of the cell; the scores of a cell's
candidates, and of "none of them", become probabilities. A monotone curve, measured on reports that the pool was not
fitted on, then says how often such a probability was right.
"""

from __future__ import annotations

import json
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
_KEPT = 5
_STROKES = ("-", "/")
_DIGIT = 20.0
"""Height in pixels of a digit on a good scan."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The pool of one version, its curve, and from which confidence on a reading needs no person."""

    name: str
    weights: Floats
    """Of each of `FEATURES`, in their order."""
    curve: Floats
    """n x 2, both rising: from which pooled probability of the first candidate on, and how often it was right there."""
    sure: Mapping[str, float]
    """Confidence from which a field needs no person, as the stated risk demands: of a `scan`, and of a `text`."""

    def pool(self, ocr: Sequence[Candidate], numeric: NumericReading, context: PoolContext) -> tuple[Candidate, ...]:
        """Make one list of both readers' candidates.

        Returns:
            Up to five candidates, best first, each with the probability that it is what is printed; what they lack
            to 1 is the probability that none of them is.

        """
        texts, features = pool_features(ocr, numeric, context)
        probabilities = softmax(features @ self.weights)[:-1]
        ranked = sorted(zip(texts, probabilities.tolist(), strict=True), key=lambda one: -one[1])[:_KEPT]
        step = int(np.searchsorted(self.curve[:, 0], ranked[0][1], side="right")) - 1
        first = float(self.curve[max(step, 0), 1])
        # The others keep their shares of what the first leaves.
        rest = (1 - first) / max(1 - ranked[0][1], 1e-12)
        return ((ranked[0][0], first), *((text, min(p * rest, first)) for text, p in ranked[1:]))


FEATURES = (
    "ocr", "numeric", "ocr, faint page", "numeric, faint page", "ocr, covered", "numeric, covered",
    "ocr, read the same among numbers", "ocr, small print", "numeric, small print", "ocr, free", "numeric, free",
    "ocr names it not", "numeric names it not", "both first",
    "nothing", "nothing, print", "nothing, ink", "nothing, expected", "nothing, faint page", "nothing, covered",
    "nothing, free", "foreign", "foreign, expected", "stroke", "one", "zero", "length",
    "none", "none, faint page", "none, doubtful page", "none, covered", "none, pieces", "none, print",
)  # fmt: skip
"""What a candidate's score is made of; the last ones are those of "none of the candidates"."""
_OF_CANDIDATES = 27


def pool_features(
    ocr: Sequence[Candidate], numeric: NumericReading, context: PoolContext
) -> tuple[tuple[str, ...], Floats]:
    """What the pool knows of each candidate.

    Returns:
        The candidates of both readers, each once, and an array of (candidates + 1) x len(FEATURES), whose last row is
        for "none of them".

    """
    by_ocr, by_numeric = dict(ocr), dict(numeric.candidates)
    texts = tuple({**by_numeric, **by_ocr})
    firsts = {candidates[0][0] for candidates in (ocr, numeric.candidates) if candidates}
    rows = np.zeros((len(texts) + 1, len(FEATURES)))
    faint = 1 - context.legibility
    print_, ink = log(context.printed + 0.02), log(context.ink + 0.02)
    for row, text in zip(rows, texts, strict=False):
        row[:_OF_CANDIDATES] = _of_candidate(text, by_ocr, by_numeric, firsts, context, (print_, ink))
    rows[-1, _OF_CANDIDATES:] = (1, faint, context.doubt, context.covered, min(context.lines, 4) - 1, print_)
    return texts, rows


def _of_candidate(
    text: str,
    by_ocr: Mapping[str, float],
    by_numeric: Mapping[str, float],
    firsts: set[str],
    context: PoolContext,
    ink: tuple[float, float],
) -> tuple[float, ...]:
    first = log(max(by_ocr.get(text, 0.0), _LEAST))
    second = log(max(by_numeric.get(text, 0.0), _LEAST))
    faint, small, free = 1 - context.legibility, log(_DIGIT / max(context.digit, 1)), not context.framed
    nothing, foreign = text == NOTHING, text == FOREIGN
    return (
        first, second, first * faint, second * faint, first * context.covered, second * context.covered,
        first * context.agreed, first * small, second * small, first * free, second * free,
        text not in by_ocr, text not in by_numeric, len(firsts) == 1 and text in firsts,
        nothing, nothing * ink[0], nothing * ink[1], nothing * context.expected, nothing * faint,
        nothing * context.covered, nothing * free, foreign, foreign * context.expected, text in _STROKES, text == "1",
        text == "0", 0 if foreign else len(text),
    )  # fmt: skip


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
    if model["features"] != list(FEATURES):
        raise MissingModel(f"The model {name} was made by another version of gouji: fit it again.")
    return Calibration(name, np.array(model["weights"]), np.array(model["curve"]), dict(model["sure"]))
