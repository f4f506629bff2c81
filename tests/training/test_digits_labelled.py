"""Labelled scans give crops whose pictures show what their texts say."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from training.datasets.manifest import Drawn, add_entries, add_report
from training.datasets.orders import Order
from training.digits.data import Labelled
from training.digits.labelled import labelled_crops
from training.digits.printed import spell

ORDER = Order(3, quality="clean")


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], list[Labelled]]:
    """What is printed in each field of a drawn scan, and the crops that its labels give."""
    folder: Path = tmp_path_factory.mktemp("labelled")
    data, truth = ORDER.load()
    source = Drawn(command="gouji train synthesize", seed=ORDER.seed, split=ORDER.split, case=ORDER.case)
    add_entries(folder, [add_report(folder, ORDER.name, data, truth, source, "clean")])
    return {name: truth["printed"][name] for name in truth["places"]}, list(labelled_crops(folder))


def test_every_labelled_cell_gives_one_crop_with_its_text_but_for_those_as_wide_as_a_table(labelled):
    printed, crops = labelled
    assert len(printed) > 150
    given, wanted = Counter(one.crop.text for one in crops), Counter(map(spell, printed.values()))
    assert given <= wanted
    assert (wanted - given).total() <= sum(name.startswith("proactive.") for name in printed) / 2
    assert {one.quality for one in crops} == {"clean"}


def test_the_crops_show_print_where_there_is_text_and_paper_where_there_is_none(labelled):
    _, crops = labelled
    dark = {True: [], False: []}
    for one in crops:
        frame = one.crop.frame
        inside = one.crop.picture[frame.y0 + 3 : frame.y1 - 3, frame.x0 + 3 : frame.x1 - 3]
        dark[bool(one.crop.text)].append(int(np.count_nonzero(inside < 110)))
    assert min(dark[True]) > 5
    assert not dark[False] or max(dark[False]) == 0
