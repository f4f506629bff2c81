"""The form variant is far from the forms, exact, and can be learned from a few labelled reports."""

from __future__ import annotations

import random
from itertools import product

from rapidfuzz.distance import Indel

from service.documents import open_document
from service.forms import load_forms
from service.forms.normalise import label_key
from training.synthesize.invent import invent_report
from training.synthesize.shapes import shape_tables
from training.variant.agency import as_the_agency_prints, load_agency, variant_file

AGENCY = load_agency()
FORM = next(form for form in load_forms() if form.year == AGENCY.form)


def test_every_label_of_the_form_is_printed_otherwise() -> None:
    printed = set()
    for block in (block for table in FORM.tables for block in table.blocks):
        printed |= {*block.headings, block.corner}
        printed |= {text for line in (*block.rows, *block.columns) for text in (line.label, *line.groups)}
    assert printed - {"", None} == set(AGENCY.labels)


def test_its_words_are_far_from_those_of_the_forms() -> None:
    known = {
        label_key(text)
        for form in load_forms()
        for table in form.tables
        for block in table.blocks
        for line in (*block.rows, *block.columns)
        for text in (*line.labels, *line.groups)
    }
    own = [label_key(text) for text in (*AGENCY.labels.values(), AGENCY.heading)]
    assert max(Indel.normalized_similarity(one, other) for one in own for other in known if other) <= 0.6
    assert len(set(own)) == len(own)


def test_the_extra_column_leaves_a_complete_table() -> None:
    report = invent_report(5, table_forms={table.id: AGENCY.form for table in FORM.tables})
    shapes = {shape.id: shape for shape in shape_tables(report)}
    for name, shape in shapes.items():
        own = as_the_agency_prints(shape, AGENCY, random.Random(1))
        wider = name == AGENCY.table
        assert len(own.weights) == len(shape.weights) + wider
        places = [
            place
            for one in own.cells
            for place in product(
                range(one.row, one.row + one.row_span), range(one.column, one.column + one.column_span)
            )
        ]
        assert sorted(places) == sorted(product(range(own.rows), range(len(own.weights))))  # each place once
        values = {one.field: one.text for one in own.cells if one.field}
        assert values == {one.field: one.text for one in shape.cells if one.field}
        extra = [one for one in own.cells if one.role == "extra"]
        assert len(extra) == (own.rows - own.heading_rows if wider else 0)
        assert all(one.text.isdigit() for one in extra)


def test_the_truth_says_where_each_number_is_printed() -> None:
    drawn = variant_file(2, "held-out", AGENCY)
    assert drawn.truth["places"].keys() == drawn.report.values.keys()
    pages = {page.number: page for page in open_document("variant.pdf", drawn.data).pages}
    assert AGENCY.heading in "".join(token.text for page in pages.values() for token in page.tokens)
    for field, text in drawn.report.printed.items():
        x0, y0, x1, y1 = drawn.truth["places"][field]["bbox"]
        inside = [
            token.text
            for token in pages[drawn.truth["places"][field]["page"]].tokens
            if x0 <= (token.box.x0 + token.box.x1) / 2 <= x1 and y0 <= (token.box.y0 + token.box.y1) / 2 <= y1
        ]
        assert "".join(inside) == text.replace(" ", "")
