"""A result as an Excel workbook. Apart from `service.export`, for loading openpyxl takes longer than the rest."""

from __future__ import annotations

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from service.export import FIELD_COLUMNS, Value, doubts, equations, field_rows
from service.results import Extraction

_ALARM = PatternFill("solid", fgColor="FFE0B2")


def to_xlsx(extraction: Extraction) -> bytes:
    """A workbook of one result: sheets report, fields, identities and issues; what needs a look is coloured."""
    book = Workbook(write_only=True)
    source, report = extraction.source, extraction.report
    _sheet(
        book.create_sheet("report"),
        ("what", "value"),
        [
            *(("file", source.name), ("sha256", source.sha256), ("pages", source.pages), ("title", report.title)),
            *(("agency", report.agency), ("year", report.year), ("status", extraction.status)),
            *((f"form of {table}", year) for table, year in extraction.template.tables.items()),
        ],
    )
    doubtful = doubts(extraction)
    rows = list(field_rows(extraction))
    _sheet(book.create_sheet("fields"), FIELD_COLUMNS, rows, [row[2] in doubtful for row in rows])
    found = equations(extraction)
    _sheet(
        book.create_sheet("identities"),
        ("identity", "table", "status", "left", "right", "difference", "equation", "verdict", "explanation"),
        [
            (
                *(e.identity.id, e.table, e.identity.status, e.identity.left, e.identity.right, e.difference, str(e)),
                *(e.identity.verdict, e.identity.explanation),
            )
            for e in found
        ],
        [e.identity.status != "holds" for e in found],
    )
    _sheet(
        book.create_sheet("issues"),
        ("severity", "code", "message", "fields", "suggested field", "suggested value", "reason", "fingerprint"),
        [
            (
                *(issue.severity, issue.code, issue.message, " ".join(issue.fields)),
                *((s.field, s.value, s.reason) if (s := issue.suggestion) else (None, None, None)),
                issue.fingerprint,
            )
            for issue in extraction.issues
        ],
    )
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _sheet(
    sheet: Worksheet, headings: Sequence[str], rows: Sequence[Sequence[Value]], alarms: Sequence[bool] = ()
) -> None:
    """Fill a write-only sheet; column widths follow what stands in them."""
    sheet.freeze_panes = "A2"
    for number, heading in enumerate(headings):
        longest = max((len(str(row[number])) for row in rows), default=0)
        sheet.column_dimensions[get_column_letter(number + 1)].width = min(60, max(longest, len(heading)) + 2)
    sheet.append([_cell(sheet, heading, bold=True) for heading in headings])
    for number, row in enumerate(rows):
        alarm = number < len(alarms) and alarms[number]
        sheet.append([_cell(sheet, value, alarm=alarm) for value in row])


def _cell(sheet: Worksheet, value: Value, *, bold: bool = False, alarm: bool = False) -> Cell:
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
    cell: Cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # A text that begins with = stays a text.
    if bold:
        cell.font = Font(bold=True)
    if alarm:
        cell.fill = _ALARM
    return cell
