"""The three tables of a report as grids and as texts in every layout, each with its truth; made to be damaged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from service.documents.model import Block, Box, Cell, Grid, Paragraph, Place
from service.forms import FormReading, load_forms, load_vocabulary, read_form
from service.forms.catalogue import Form
from service.reconcile import SURE
from service.results import Number
from tests.training.flow_reports import numbered_report, with_cells
from training.synthesize.report import DrawnReport
from training.synthesize.shapes import ShapeCell, TableShape, shape_tables

FORMS = load_forms()
VOCABULARY = load_vocabulary()
YEARS = ("2019", "2021")
MIXTURES = (("2019", None), ("2021", None), ("2021", "2019"))
"""Form of a report, and of its applications table where that differs."""

Values = dict[str, Number | None]


def form(year: str) -> Form:
    """The form of that year."""
    return next(form for form in FORMS if form.year == year)


def numbered(year: str = "2021", applications: str | None = None) -> DrawnReport:
    """A report whose every cell has a number of its own: what lands in a wrong place is seen."""
    return numbered_report(year, applications)  # type: ignore[arg-type]


def printed(report: DrawnReport, texts: dict[str, str], values: Values | None = None) -> DrawnReport:
    """The report with some cells printed otherwise; the values that are not given are None."""
    return with_cells(report, texts, {field: (values or {}).get(field) for field in texts})


def table_fields(year: str, table: str) -> list[str]:
    """Ids of a table's fields in printed order."""
    return [spec.id for spec in form(year).table(table).fields()]


def balanced(year: str, parts: dict[str, int] | None = None) -> Values:
    """Values of every field that keep every identity: small parts, and the sums that follow from them."""
    parts = parts or {}
    values: Values = {spec.id: parts.get(spec.id, number % 4) for number, spec in enumerate(form(year).fields())}
    for table in form(year).tables:
        specs = form(year).identity_specs(table.id)
        for kind in ("results:", "balance:", "disputes:", "row:"):
            for spec in specs:
                if spec.id.startswith(kind) and kind == "balance:":
                    received, carried_in = spec.left
                    concluded, carried_out = spec.right
                    values[received] = values[concluded] + values[carried_out] - values[carried_in]  # type: ignore[operator]
                elif spec.id.startswith(kind):
                    values[spec.right[0]] = sum(values[part] or 0 for part in spec.left)
    return values


# Grids


def grids(report: DrawnReport) -> dict[str, Grid]:
    """The report's tables as grids."""
    return {shape.id: grid_of(shape, number) for number, shape in enumerate(shape_tables(report), start=1)}


def grid_of(shape: TableShape, number: int = 1) -> Grid:
    """A drawn table as a grid of a document without pages."""
    cells = tuple(
        Cell(c.row, c.column, c.text, _place(number, c), c.row_span, c.column_span, reader="markup")
        for c in shape.cells
    )
    return Grid(cells, shape.rows, len(shape.weights), "markup")


def _place(table: int, cell: ShapeCell) -> Place:
    return Place(cell=f"T{table}R{cell.row + 1}C{cell.column + 1}")


def changed(grid: Grid, change: Callable[[Cell], Cell | None]) -> Grid:
    """The grid with every cell changed; those for which `change` gives None are gone."""
    return replace(grid, cells=tuple(new for cell in grid.cells if (new := change(cell))))


def retexted(grid: Grid, texts: dict[str, str]) -> Grid:
    """The grid with the cells of these texts saying something else."""
    return changed(grid, lambda cell: replace(cell, text=texts.get(cell.text, cell.text)))


def without_rows(grid: Grid, rows: Iterable[int]) -> Grid:
    """The grid without some rows; cells that span them shrink."""
    gone = set(rows)
    cells = []
    for cell in grid.cells:
        left = [row for row in range(cell.row, cell.row + cell.row_span) if row not in gone]
        if left and (cell.row not in gone or cell.row_span > 1):
            top = left[0] - sum(row < left[0] for row in gone)
            cells.append(replace(cell, row=top, row_span=len(left)))
    return replace(grid, cells=tuple(cells), rows=grid.rows - len(gone))


def row_of(grid: Grid, text: str) -> int:
    """The row in which a cell with this text begins."""
    return next(cell.row for cell in grid.cells if cell.text == text)


def scanned(grid: Grid, page: int = 1, confidence: float = 0.999) -> Grid:
    """The grid as a scan gives it: every cell with page, box and ink."""
    height, width = 1 / (grid.rows + 1), 1 / (grid.columns + 1)

    def seen(cell: Cell) -> Cell:
        box = Box(
            cell.column * width,
            cell.row * height,
            (cell.column + cell.column_span) * width,
            (cell.row + cell.row_span) * height,
        )
        place = Place(page=page, box=box)
        return replace(cell, place=place, ink=bool(cell.text), confidence=confidence, reader="ppocr")

    return changed(replace(grid, kind="ruled"), seen)


# Texts

Rows = list[list[str]]
"""For each printed row its lines."""
Writer = Callable[[TableShape], Rows]


def tab_rows(shape: TableShape) -> Rows:
    """A row a line, a tab for every column, merged cells empty behind the first."""
    return [["\t".join(fields)] for fields in _fields(shape)]


def piped_rows(shape: TableShape) -> Rows:
    """A Markdown table."""
    rows = [["| " + " | ".join(fields) + " |"] for fields in _fields(shape)]
    rows[0].append("|" + "---|" * len(shape.weights))
    return rows


def stacked_cells(shape: TableShape) -> Rows:
    """One cell a line."""
    return [[cell.text for cell in cells] for cells in by_row(shape)]


def piped_cells(shape: TableShape) -> Rows:
    """One cell a line, a pipe behind it."""
    return [[f"{cell.text} |".lstrip() for cell in cells] for cells in by_row(shape)]


def indented_cells(shape: TableShape) -> Rows:
    """One cell a line, a tab before it, an empty line behind every row."""
    return [["\t" + cell.text for cell in cells] + [""] for cells in by_row(shape)]


def spaced_rows(shape: TableShape) -> Rows:
    """A row a line, group labels on lines of their own, numbers apart by spaces; empty cells leave no trace."""
    rows: Rows = []
    for cells in by_row(shape):
        values = [cell.text for cell in cells if cell.role == "value" and cell.text]
        headings = [cell.text for cell in cells if cell.role == "heading"]
        labels = [cell.text for cell in cells if cell.role == "label"]
        own = labels[-1:] if values else []
        lines = [*labels[: len(labels) - len(own)], " ".join([*own, *headings, *values])]
        rows.append([line for line in lines if line])
    return rows


def labels_below(shape: TableShape) -> Rows:
    """Every row's numbers on a line, its label on the next."""
    rows: Rows = []
    for cells in by_row(shape):
        values = " ".join(cell.text for cell in cells if cell.role == "value" and cell.text)
        groups = [cell.text for cell in cells if cell.role == "label" and cell.row_span > 1]
        own = [cell.text for cell in cells if cell.role == "label" and cell.row_span == 1]
        headings = " ".join(cell.text for cell in cells if cell.role == "heading")
        rows.append([line for line in (headings, *groups, values, *own) if line])
    return rows


def run_together(shape: TableShape) -> Rows:
    """Everything on one line, spaces between the cells."""
    return [[" ".join(cell.text for cells in by_row(shape) for cell in cells)]]


TEXTS: dict[str, Writer] = {
    writer.__name__: writer
    for writer in (
        tab_rows, piped_rows, stacked_cells, piped_cells, indented_cells, spaced_rows, labels_below, run_together,
    )
}  # fmt: skip
"""Every way to write a table as text."""


def by_row(shape: TableShape) -> list[list[ShapeCell]]:
    """For each row the cells that begin in it, left to right."""
    rows: list[list[ShapeCell]] = [[] for _ in range(shape.rows)]
    for cell in sorted(shape.cells, key=lambda cell: (cell.row, cell.column)):
        rows[cell.row].append(cell)
    return rows


def _fields(shape: TableShape) -> list[list[str]]:
    rows = [[""] * len(shape.weights) for _ in range(shape.rows)]
    for cell in shape.cells:
        rows[cell.row][cell.column] = cell.text
    return rows


def lines_by_table(report: DrawnReport, writer: Writer) -> dict[str, Rows]:
    """The report's tables written, ready to be damaged."""
    return {shape.id: writer(shape) for shape in shape_tables(report)}


# Whole reports


def chapter(table: str) -> str:
    """The heading of the chapter that a table stands in."""
    return next(chapter.label for chapter in FORMS[-1].chapters if chapter.id == table)


def paragraphs(lines: Iterable[str]) -> list[Block]:
    """Lines of a text file as the reader of plain text gives them."""
    return [Paragraph(line, Place(line=number)) for number, line in enumerate(lines, start=1)]


def text_blocks(tables: dict[str, Rows], prose: dict[str, Sequence[str]] | None = None) -> list[Block]:
    """Tables under the headings of their chapters, with prose between heading and table."""
    lines: list[str] = ["一、总体情况", "本年度工作平稳有序。"]
    for table, rows in tables.items():
        lines += [chapter(table), *(prose or {}).get(table, ()), *(line for row in rows for line in row)]
    return paragraphs([*lines, "五、存在的主要问题及改进情况", "主要问题是力量不足。"])


def grid_blocks(
    tables: dict[str, Grid | Sequence[Block]], prose: dict[str, Sequence[str]] | None = None
) -> list[Block]:
    """Grids under the headings of their chapters; a table may be several blocks."""
    blocks = paragraphs(["一、总体情况", "本年度工作平稳有序。"])
    for table, grid in tables.items():
        blocks += paragraphs([chapter(table), *(prose or {}).get(table, ())])
        blocks += [grid] if isinstance(grid, Grid) else list(grid)
    return blocks + paragraphs(["五、存在的主要问题及改进情况", "主要问题是力量不足。"])


def read(blocks: Sequence[Block]) -> FormReading:
    """Read with the shipped forms and vocabulary."""
    return read_form(blocks, FORMS, VOCABULARY)


def values_of(reading: FormReading) -> Values:
    """The value of every field."""
    return {field: one.value for field, one in reading.fields.items()}


def differences(reading: FormReading, report: DrawnReport) -> dict[str, tuple[object, object]]:
    """Fields whose value is not the truth, with what was read and what is true."""
    found = values_of(reading)
    fields = dict.fromkeys((*report.values, *found))
    return {
        field: (found.get(field, "no field"), report.values.get(field, "no field"))
        for field in fields
        if found.get(field, "no field") != report.values.get(field, "no field")
    }


def silent(reading: FormReading, report: DrawnReport) -> dict[str, tuple[object, object]]:
    """Wrong values that claim to be sure: there must be none, whatever happened to the report."""
    return {
        field: pair
        for field, pair in differences(reading, report).items()
        if field in reading.fields
        and reading.fields[field].state != "missing"
        and reading.fields[field].confidence >= SURE
    }


def missing(reading: FormReading) -> set[str]:
    """Fields that have no place."""
    return {field for field, one in reading.fields.items() if one.state == "missing"}
