"""Blocks to fields: find the tables, match each to the form that it follows, read the value of every field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import Literal

from service.documents.model import Block, Cell
from service.forms.catalogue import FieldSpec, Form, IdentitySpec, TableForm, Vocabulary
from service.forms.columns import Slot
from service.forms.evidence import Classifier, Evidence, gather, most_probable_fields
from service.forms.expected import as_count, as_expected, is_expected, unseen
from service.forms.headings import heading_score
from service.forms.lines import Line, lines_of
from service.forms.regions import find_regions, table_labels
from service.forms.rows import TableMatch, match_table
from service.forms.runs import DigitRun, next_marker, stroke_width
from service.forms.several import first_report
from service.forms.values import Value, as_value, parse_value
from service.results import AlternativeValue, Issue, Reading

Decoding = Literal["both", "labels", "greedy"]
"""What fields are told by: labels and the classifier together, labels alone, or each cell by the classifier alone."""
_UNREADABLE = 0.0
_UNLIKELY = 0.5
"""What a number keeps of its confidence that the field should not hold."""
_GUESSED = 0.4
"""What a field keeps of the classifier's probability whose cell nothing else tells; a person looks at it anyhow."""
INK = "ink"
"""The reader of a scanned cell that is empty: nobody read it, its picture shows nothing."""


@dataclass(frozen=True, slots=True)
class TableReading:
    """One statutory table as read: its form, its fields, and the lines it was read from."""

    table: str
    form: Form
    fields: dict[str, Reading]
    issues: tuple[Issue, ...]
    found: bool
    runs: tuple[DigitRun, ...] = ()
    """Rows whose values have run together; their fields are missing until they are split."""


@dataclass(frozen=True, slots=True)
class FormReading:
    """All tables of a report, with what is outside them."""

    tables: tuple[TableReading, ...]
    template: Form
    confidence: float
    lines: tuple[Line, ...]
    """Of the report; another one in the same file is left out."""
    regions: dict[str, tuple[int, int]]
    beyond: tuple[Issue, ...] = ()
    """What stands in the file besides the report."""

    @property
    def fields(self) -> dict[str, Reading]:
        """Every field of the form of each table."""
        return {field: reading for table in self.tables for field, reading in table.fields.items()}

    @property
    def runs(self) -> tuple[DigitRun, ...]:
        """Rows whose values have run together."""
        return tuple(run for table in self.tables for run in table.runs)

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What went wrong while reading the tables, and what stands beside the report."""
        return (*(issue for table in self.tables for issue in table.issues), *self.beyond)

    @property
    def identities(self) -> tuple[IdentitySpec, ...]:
        """The identities of the form of each table."""
        return tuple(spec for table in self.tables for spec in table.form.identity_specs(table.table))


def read_form(
    blocks: Sequence[Block],
    forms: Sequence[Form],
    vocabulary: Vocabulary,
    classifier: Classifier | None = None,
    decoding: Decoding = "both",
) -> FormReading:
    """Read every field of the three tables; fields that have no certain place come out as missing.

    `decoding` is for measuring what each kind of evidence gives: `labels` leaves the classifier aside, `greedy` takes
    its word for every cell by itself. Without a classifier both decode by labels alone.
    """
    headings = [text for form in forms for chapter in form.chapters for text in (chapter.label, *chapter.aliases)]
    labels = (*table_labels([table for form in forms for table in form.tables]), *headings)
    every = lines_of(blocks, labels, vocabulary)
    first = first_report(every, forms, vocabulary)
    lines = every[: first.end]
    evidence = gather(lines, classifier, vocabulary) if classifier and decoding != "labels" else None
    told = evidence.tables([table.id for table in forms[0].tables]) if evidence else None
    regions = find_regions(lines, forms, vocabulary, told)
    choices = [
        _choose_form(lines, regions.get(table.id, (0, 0)), forms, table.id, evidence) for table in forms[0].tables
    ]
    leading = choices[0] if choices[0].table in regions else max(choices, key=lambda choice: choice.match.score)
    if evidence and decoding == "greedy":
        return _read_greedily(evidence, forms, vocabulary, FormReading((), leading.form, 0.0, lines, regions))
    tables = []
    for choice in choices:
        form = choice.form if choice.confidence > 0.5 and choice.match.rows else leading.form
        span = regions.get(choice.table, (0, 0))
        guessed = _guessed(evidence, span, form.table(choice.table), choice) if evidence else {}
        found = choice.table in regions
        tables.append(_read_table(form, choice, lines[slice(*span)], guessed, vocabulary, found=found))
    beyond = () if first.is_all else (_another(every[first.end]),)
    return FormReading(tuple(tables), leading.form, leading.confidence, lines, regions, beyond)


def _another(begin: Line) -> Issue:
    """That there is more in the file than one report, which would be lost without a word."""
    place = begin.items[0].cell.place
    where = f"on page {place.page}, at" if place.page else "at"
    message = f"Only the first report is read; another begins {where} {begin.text!r}. Send it by itself."
    return Issue(code="another-report", severity="error", message=message)


def _read_greedily(
    evidence: Evidence, forms: Sequence[Form], vocabulary: Vocabulary, empty: FormReading
) -> FormReading:
    """Every cell where the classifier puts it; each table in the form that has most of what was found."""
    placed = most_probable_fields(evidence)
    tables = []
    for table in forms[0].tables:
        ids = [{spec.id for spec in form.table(table.id).fields()} for form in forms]
        best = max(range(len(forms)), key=lambda number: (len(ids[number] & placed.keys()), number))
        fields = {
            spec.id: _reading(spec, placed.get(spec.id), vocabulary) for spec in forms[best].table(table.id).fields()
        }
        tables.append(TableReading(table.id, forms[best], fields, (), bool(ids[best] & placed.keys())))
    return replace(empty, tables=tuple(tables), template=tables[0].form)


@dataclass(frozen=True, slots=True)
class _Choice:
    """The form that a table follows."""

    table: str
    form: Form
    match: TableMatch
    confidence: float
    """0.5: nothing tells the forms apart."""
    against_wording: bool
    """More of another form's headings and labels are printed than of this one's."""


def _choose_form(
    all_lines: Sequence[Line], span: tuple[int, int], forms: Sequence[Form], table_id: str, evidence: Evidence | None
) -> _Choice:
    """The form whose version of the table fits the lines of its region best, and how sure that is."""
    lines = all_lines[slice(*span)]
    versions = [form.table(table_id) for form in forms]
    matches = [match_table(lines, table, evidence.of_table(span, table) if evidence else None) for table in versions]
    ranked = sorted(range(len(forms)), key=lambda number: (matches[number].score, number), reverse=True)
    best, second = ranked[0], ranked[1] if len(ranked) > 1 else ranked[0]
    lead = matches[best].score - matches[second].score
    wording = [heading_score(lines, form.table(table_id)) for form in forms]
    return _Choice(table_id, forms[best], matches[best], 1 / (1 + exp(-4 * lead)), wording[best] < max(wording))


def _placed(choice: _Choice) -> dict[str, tuple[Slot, float]]:
    """The fields that the table's rows give a place, and how sure it is."""
    return {
        ".".join(part for part in (choice.table, row.row.row.id, column.id) if part): (slot, row.certainty)
        for row in choice.match.rows
        if not row.placement.run
        for column, slot in zip(row.row.columns, row.placement.slots, strict=True)
        if slot is not None
    }


def _guessed(
    evidence: Evidence, span: tuple[int, int], table: TableForm, choice: _Choice
) -> dict[str, tuple[Slot, float]]:
    """The fields that stand in lines which are no row, in the cells that the classifier takes for them."""
    taken = {span[0] + line for row in choice.match.rows for line in range(*row.lines)}
    told = evidence.fields(span, table, taken)
    return {field: (slot, _GUESSED * sure) for field, (slot, sure) in told.items()}


def _read_table(
    form: Form,
    choice: _Choice,
    lines: Sequence[Line],
    guessed: Mapping[str, tuple[Slot, float]],
    vocabulary: Vocabulary,
    *,
    found: bool,
) -> TableReading:
    table_id = choice.table
    runs = tuple(_runs(form.table(table_id), choice.match, lines))
    runs = tuple(replace(run, stroke=stroke_width(runs)) for run in runs)
    table = form.table(table_id)
    placed = _placed(choice)
    sought = {**guessed, **placed}
    fields = {spec.id: _reading(spec, sought.get(spec.id), vocabulary) for spec in table.fields()}
    together = {field for run in runs for field in run.fields}
    apart = {field: reading for field, reading in fields.items() if field not in together}
    unsure = tuple(field for field in apart if field in guessed and field not in placed)
    return TableReading(table_id, form, fields, tuple(_issues(table, apart, choice, unsure)), found, runs)


def _runs(table: TableForm, match: TableMatch, lines: Sequence[Line]) -> Iterator[DigitRun]:
    """The rows of a table whose values have run together."""
    cells: dict[tuple[int, str | None], list[FieldSpec]] = {}
    for spec in table.fields():
        cells.setdefault((spec.block, spec.row.id), []).append(spec)
    for row in match.rows:
        slot = row.placement.slots[0]
        if row.placement.run and slot:
            cell = slot[0].cell
            after = next((line.texts[0] for line in lines[row.lines[1] :][:1] if line.texts), "")
            yield DigitRun(
                tuple(cells[row.row.block, row.row.row.id]),
                cell.text,
                cell.place,
                cell.reader,
                row.certainty,
                next_marker(cell.text, after, table),
            )


def _reading(spec: FieldSpec, placed: tuple[Slot, float] | None, vocabulary: Vocabulary) -> Reading:
    if placed is None:
        return Reading(value=None, text=None, state="missing", confidence=_UNREADABLE)
    slot, certainty = placed
    cells = [item.cell for item in slot]
    if len(cells) == 1:
        cells = [as_value(as_expected(cells[0], spec, vocabulary), vocabulary)]
    cell, ocr = cells[0], cells[0].ink is not None
    value = parse_value(_joined([one.text for one in cells]), vocabulary, ocr=ocr)
    confidence = min(one.confidence for one in cells) * certainty * value.certainty
    if value.value is not None and not is_expected(spec, value if ocr else as_count(value)):
        confidence *= _UNLIKELY
    if ocr:
        confidence = unseen(spec, value, confidence, worn=any(one.worn for one in cells))
    state = value.state
    if value.kind == "text" or (value.kind == "blank" and cell.ink):
        state, confidence = "missing", _UNREADABLE
    return Reading(
        value=value.value,
        text=value.text,
        state=state,
        confidence=min(1.0, confidence),
        page=cell.place.page,
        bbox=cell.place.box,
        line=cell.place.line,
        cell=cell.place.cell,
        unit=_unit(spec, value),
        reader=INK if value.kind == "blank" and ocr else cell.reader,
        alternatives=tuple(_alternatives(cells, vocabulary, ocr=ocr)),
    )


def _unit(spec: FieldSpec, value: Value) -> str | None:
    if value.kind != "number":
        return None
    return value.unit or spec.unit


def _alternatives(cells: Sequence[Cell], vocabulary: Vocabulary, *, ocr: bool) -> list[AlternativeValue]:
    found = []
    for alternative in cells[0].alternatives if len(cells) == 1 else ():
        value = parse_value(alternative.text, vocabulary, ocr=ocr)
        if value.kind != "text":
            found.append(
                AlternativeValue(
                    value=value.value,
                    confidence=min(1.0, alternative.confidence * value.certainty),
                    text=alternative.text,
                    reader=alternative.reader,
                )
            )
    return found


def _joined(texts: Sequence[str]) -> str:
    """The pieces of one value; characters that a cut repeats on both sides count once."""
    whole = ""
    for text in texts:
        piece = text.strip()
        overlap = next((size for size in (2, 1) if size < len(piece) and whole and whole.endswith(piece[:size])), 0)
        # A repeated digit may be two digits of the number; only a repeated sign is surely one.
        whole += piece if piece[:overlap].isdigit() else piece[overlap:]
    return whole


def _issues(table: TableForm, fields: dict[str, Reading], choice: _Choice, guessed: tuple[str, ...]) -> list[Issue]:
    issues = []
    if choice.against_wording and choice.match.rows:
        message = f"Table {table.id}: its rows follow the form of {choice.form.year}, its wording another one."
        issues.append(Issue(code="form-uncertain", severity="error", message=message))
    if guessed:
        message = (
            f"Table {table.id}: {len(guessed)} fields stand in rows that could not be made out; check their place."
        )
        issues.append(Issue(code="uncertain-place", severity="error", message=message, fields=guessed))
    for line in choice.match.unplaced:
        message = f"Table {table.id}: a row of numbers belongs to no row of the form: {line.text}."
        issues.append(Issue(code="unplaced-row", severity="error", message=message))
    return [*issues, *lacking(table.id, fields)]


def lacking(table: str, fields: Mapping[str, Reading]) -> list[Issue]:
    """What is missing of a table's fields, and which of its cells could not be read."""
    missing = tuple(field for field, reading in fields.items() if reading.state == "missing" and reading.text is None)
    unreadable = [field for field, reading in fields.items() if reading.state == "missing" and reading.text is not None]
    issues = []
    if missing:
        what = "the whole table" if len(missing) == len(fields) else f"{len(missing)} of {len(fields)} fields"
        message = f"Table {table}: {what} could not be found in the document."
        issues.append(Issue(code="field-missing", severity="error", message=message, fields=missing))
    for field in unreadable:
        printed = fields[field].text
        message = f"The cell is there, but what is printed in it cannot be read as a value: {printed!r}."
        issues.append(Issue(code="unreadable-cell", severity="error", message=message, fields=(field,)))
    return issues
