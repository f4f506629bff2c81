"""Numbers half way down their cell, in texts whose every row takes several lines."""

from __future__ import annotations

import pytest

from service.forms.normalise import label_key
from tests.forms.written import differences, lines_by_table, numbered, printed, read, silent, tab_rows, text_blocks

REPORT = numbered("2019")
WIDTH = 7


def torn(shape):
    """Each row in three lines: the start of its label; its numbers beside the rest of a label; nothing."""
    rows = []
    for (line,) in tab_rows(shape):
        cells = line.split("\t")
        label = next((at for at in range(len(cells) - WIDTH) if "." in cells[at] or "（" in cells[at]), None)
        if len(cells) != 10 or label is None or not label_key(cells[label])[:1].isalnum():
            rows.append([line])
            continue
        head = [*cells[:3], *[""] * WIDTH]
        rows.append(
            ["\t".join(head), "\t".join(["度办理", "", "", *cells[3:]]), "\t".join(["果", *[""] * (WIDTH + 2)])]
        )
    return rows


def blocks_of(report, rows=None):
    tables = lines_by_table(report, tab_rows)
    return text_blocks({**tables, "applications": rows or lines_by_table(report, torn)["applications"]})


def test_numbers_below_every_label_are_the_labels_above_them():
    assert differences(read(blocks_of(REPORT)), REPORT) == {}


@pytest.mark.parametrize("row", ["granted", "refused.state_secret", "refused.third_party_rights"])
def test_numbers_between_two_empty_rows_are_no_ones_for_sure(row):
    fields = [field for field in REPORT.printed if field.startswith(f"applications.{row}.")]
    report = printed(REPORT, dict.fromkeys(fields, ""))
    assert silent(read(blocks_of(report)), report) == {}


def test_numbers_beside_the_rest_of_a_label_are_its_own():
    rows = lines_by_table(REPORT, tab_rows)["applications"]
    label = "2.其他法律行政法规禁止公开"
    at = next(at for at, (line,) in enumerate(rows) if label in line)
    cells = rows[at][0].split("\t")
    begun = [label[:9] if cell == label else "" for cell in cells]
    rest = [label[9:] if cell == label else cell for cell in cells]
    rows[at] = ["\t".join(begun), "\t".join(rest)]
    rows[at - 1] = ["\t".join("" if cell.isdigit() else cell for cell in rows[at - 1][0].split("\t"))]
    fields = [field for field in REPORT.printed if field.startswith("applications.refused.state_secret.")]
    report = printed(REPORT, dict.fromkeys(fields, ""))
    assert differences(read(blocks_of(report, rows)), report) == {}
