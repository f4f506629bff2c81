"""What is done for one report, in a process of its own: no new process finds what `__main__` defines."""

from __future__ import annotations

from functools import cache

from models.cells import load_classifier
from models.readers import Readers, load_readers
from service.forms.decode import Decoding
from training.evaluate.spread import threads_here
from training.proof.cases import PROOF_CASES
from training.proof.decoding import Placed, prove_blocks, scanned_blocks
from training.proof.readings import CellProof, prove_scan
from training.synthesize.effects import Quality


def place_case(item: tuple[str, int], *, scan: bool) -> tuple[str, dict[Decoding, Placed]]:
    """The cells of one report, placed in every way; `item` is the case's name and a seed."""
    name, seed = item
    case = PROOF_CASES[name]
    if scan and case.draw:
        drawn = case.draw(seed)
        return name, prove_blocks(drawn[0], scanned_blocks(drawn, seed, _readers()), load_classifier())
    return name, prove_blocks(*case.blocks(seed), load_classifier())


def read_scan(item: tuple[Quality, int]) -> tuple[Quality, list[CellProof]]:
    """The cells of one scan, read by each reader; `item` is its quality and a seed."""
    return item[0], prove_scan(*item, _readers())


@cache
def _readers() -> Readers:
    return load_readers(threads_here())
