"""Drawn reports as DOCX: true grids with spans, and the ways Word and WPS files differ from a plain one.

Written as zip and XML by hand (ECMA-376, WordprocessingML), so that the quirks are exactly those that are meant.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

from training.synthesize.alter import Alter
from training.synthesize.report import DrawnReport
from training.synthesize.shapes import ShapeCell, TableShape, shape_tables

Headings = Literal["plain", "style", "numbered"]

_SPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "v": "urn:schemas-microsoft-com:vml",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
}
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STAMP = (2024, 1, 15, 9, 30, 0)
"""Every entry's time, so that the same report gives the same bytes."""


@dataclass(frozen=True, slots=True)
class DocxStyle:
    """How a DOCX file differs from a plain one."""

    headings: Headings = "style"
    """Chapter headings as bold text, as heading styles, or numbered by Word (the number is then in no text)."""
    wps: bool = False
    """Quirks of WPS: paragraph ids, runs cut in the middle of words, exceptions on every row, empty paragraphs."""
    nested: bool = False
    """The second table stands inside a one-cell table."""
    text_box: Literal["none", "title", "table"] = "none"
    """What stands in a text box: written twice, for new readers and as VML for old ones."""
    split: bool = False
    """The second table is cut in two tables, the labels over the cut repeated."""
    legacy_spans: bool = False
    """Merged rows as cells without `w:val`, and spans written even where they are 1."""


def choose_style(seed: int) -> DocxStyle:
    """Choose a style."""
    rng = random.Random(f"docx {seed}")
    return DocxStyle(
        headings=rng.choice(["plain", "style", "numbered"]),
        wps=rng.random() < 0.5,
        nested=rng.random() < 0.25,
        text_box=rng.choice(["none", "none", "title", "table"]),
        split=rng.random() < 0.25,
        legacy_spans=rng.random() < 0.3,
    )


def write_docx(
    report: DrawnReport, style: DocxStyle, seed: int, *, aliases: float = 0.15, alter: Alter | None = None
) -> bytes:
    """Write the report; the same report, style and seed give the same bytes. `alter` changes each table first."""
    rng = random.Random(f"docx {seed}")
    tables = shape_tables(report, seed=seed, aliases=aliases)
    shapes = {shape.id: alter(shape) if alter else shape for shape in tables}
    body = "".join(_body(report, shapes, style, rng))
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _SPACES.items())
    document = (
        f'{_XML}<w:document {spaces} mc:Ignorable="w14"><w:body>{body}'
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1500" w:bottom="1440" '
        'w:left="1500" w:header="851" w:footer="992" w:gutter="0"/></w:sectPr></w:body></w:document>'
    )
    return _package(document, report.title)


def _body(report: DrawnReport, shapes: dict[str, TableShape], style: DocxStyle, rng: random.Random) -> Iterator[str]:
    title = _paragraph(report.title, style, rng, bold=True, centre=True, size=36)
    yield _text_box(title) if style.text_box == "title" else title
    yield from (_paragraph(text, style, rng, indent=True) for text in report.preamble)
    second = list(shapes)[1:2]
    for name, section in report.sections.items():
        yield _heading(section.title, style, rng)
        yield from (_paragraph(text, style, rng, indent=True) for text in section.paragraphs)
        if name not in shapes:
            continue
        special = name in second
        for part in _split(shapes[name]) if style.split and special else [shapes[name]]:
            table = _table(part, style, rng)
            if style.nested and special:
                table = _outer_table(table)
            if style.text_box == "table" and special:
                table = _text_box(table + _paragraph("", style, rng))
            yield table + _paragraph("", style, rng)


def _heading(text: str, style: DocxStyle, rng: random.Random) -> str:
    if style.headings == "numbered":
        return (
            '<w:p><w:pPr><w:pStyle w:val="Heading1"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
            f"{_run(text.partition('、')[2] or text, '')}</w:p>"
        )
    if style.headings == "style":
        return f'<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr>{_run(text, "")}</w:p>'
    return _paragraph(text, style, rng, bold=True, indent=True)


def _paragraph(
    text: str,
    style: DocxStyle,
    rng: random.Random,
    *,
    bold: bool = False,
    centre: bool = False,
    indent: bool = False,
    size: int = 24,
) -> str:
    properties = ('<w:ind w:firstLine="480"/>' if indent else "") + ('<w:jc w:val="center"/>' if centre else "")
    look = ("<w:b/>" if bold else "") + f'<w:sz w:val="{size}"/>'
    if not style.wps:
        return f"<w:p><w:pPr>{properties}</w:pPr>{_run(text, look) if text else ''}</w:p>"
    mark = f' w14:paraId="{rng.randrange(1, 0x7FFFFFFF):08X}"'
    look = f'<w:rFonts w:hint="eastAsia" w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/>{look}<w:lang w:val="en-US"/>'
    runs = "".join(_run(part, look) for part in _cut(text, rng))
    bookmark = '<w:bookmarkStart w:id="0" w:name="_GoBack"/><w:bookmarkEnd w:id="0"/>' if rng.random() < 0.02 else ""
    return f"<w:p{mark}><w:pPr><w:widowControl/>{properties}</w:pPr>{bookmark}{runs}</w:p>"


def _cut(text: str, rng: random.Random) -> list[str]:
    """Cut a text into runs, as an editor does where fonts change."""
    if len(text) < 4 or rng.random() < 0.5:
        return [text] if text else []
    at = rng.randrange(1, len(text) - 1)
    return [text[:at], text[at:]]


def _run(text: str, look: str) -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _table(shape: TableShape, style: DocxStyle, rng: random.Random) -> str:
    unit = 9000 / sum(shape.weights)
    widths = [int(weight * unit) for weight in shape.weights]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = "".join(
        "<w:tr>"
        + _row_properties(style)
        + "".join(_cell(cell, row, widths, style, rng) for cell in _covering(shape, row))
        + "</w:tr>"
        for row in range(shape.rows)
    )
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f"<w:tblBorders>{borders}</w:tblBorders></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
    )


def _row_properties(style: DocxStyle) -> str:
    if not style.wps:
        return ""
    return (
        '<w:tblPrEx><w:tblCellMar><w:left w:w="57" w:type="dxa"/></w:tblCellMar></w:tblPrEx>'
        '<w:trPr><w:trHeight w:val="340" w:hRule="atLeast"/></w:trPr>'
    )


def _cell(cell: ShapeCell, row: int, widths: Sequence[int], style: DocxStyle, rng: random.Random) -> str:
    width = sum(widths[cell.column : cell.column + cell.column_span])
    merge = span = ""
    if cell.row_span > 1:
        first = cell.row == row
        merge = '<w:vMerge w:val="restart"/>' if first else "<w:vMerge/>"
        if not first and not style.legacy_spans:
            merge = '<w:vMerge w:val="continue"/>'
    if cell.column_span > 1 or style.legacy_spans:
        span = f'<w:gridSpan w:val="{cell.column_span}"/>'
    text = cell.text if cell.row == row else ""
    centre = cell.role != "label"
    paragraphs = [_paragraph(part, style, rng, centre=centre, size=18) for part in _lines(text, style, rng)]
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{merge}<w:vAlign w:val="center"/></w:tcPr>'
        f"{''.join(paragraphs)}</w:tc>"
    )


def _lines(text: str, style: DocxStyle, rng: random.Random) -> list[str]:
    """The paragraphs of a cell: labels broken by hand, now and then an empty paragraph before the text."""
    if not style.wps or len(text) < 4 or text[:1].isdigit() or rng.random() < 0.7:
        return [text]
    half = len(text) // 2
    return [text[:half], text[half:]] if rng.random() < 0.7 else ["", text]


def _split(shape: TableShape) -> list[TableShape]:
    """The table cut in two between rows; cells over the cut are in both, with their text."""
    cut = (shape.heading_rows + shape.rows) // 2
    halves = []
    for start, stop in ((0, cut), (cut, shape.rows)):
        cells = tuple(
            ShapeCell(
                max(cell.row, start) - start,
                cell.column,
                min(cell.row + cell.row_span, stop) - max(cell.row, start),
                cell.column_span,
                cell.text,
                cell.role,
                cell.field,
            )
            for cell in shape.cells
            if cell.row < stop and cell.row + cell.row_span > start
        )
        heading = shape.heading_rows if start == 0 else 0
        halves.append(TableShape(shape.id, cells, stop - start, heading, shape.weights, shape.label_columns))
    return halves


def _covering(shape: TableShape, row: int) -> list[ShapeCell]:
    found = [cell for cell in shape.cells if cell.row <= row < cell.row + cell.row_span]
    return sorted(found, key=lambda cell: cell.column)


def _outer_table(content: str) -> str:
    """A one-cell table around a table; a cell must end with a paragraph."""
    return (
        '<w:tbl><w:tblPr><w:tblW w:w="9400" w:type="dxa"/></w:tblPr><w:tblGrid><w:gridCol w:w="9400"/></w:tblGrid>'
        f'<w:tr><w:tc><w:tcPr><w:tcW w:w="9400" w:type="dxa"/></w:tcPr>{content}<w:p/></w:tc></w:tr></w:tbl>'
    )


def _text_box(content: str) -> str:
    """A drawn text box, and the same content again as VML for readers that do not know it."""
    inner = f"<w:txbxContent>{content}</w:txbxContent>"
    drawing = (
        '<w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="5700000" cy="7600000"/>'
        '<wp:docPr id="1" name="Text Box 1"/><a:graphic><a:graphicData '
        f'uri="{_SPACES["wps"]}"><wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr/>'
        f"<wps:txbx>{inner}</wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    fallback = f'<w:pict><v:shape style="width:450pt;height:600pt"><v:textbox>{inner}</v:textbox></v:shape></w:pict>'
    return (
        f'<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps">{drawing}</mc:Choice>'
        f"<mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )


def _package(document: str, title: str) -> bytes:
    main = f'xmlns:w="{_SPACES["w"]}"'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        'ContentType="application/xml"/><Override PartName="/word/document.xml" '
        f'ContentType="{_WORD}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{_WORD}.styles+xml"/>'
        f'<Override PartName="/word/numbering.xml" ContentType="{_WORD}.numbering+xml"/>'
        '<Override PartName="/docProps/core.xml" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" '
        f'Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/styles" Target="styles.xml"/><Relationship Id="rId2" Type="{_OFFICE}/numbering" '
        'Target="numbering.xml"/></Relationships>',
        "word/document.xml": document,
        "word/styles.xml": f'<w:styles {main}><w:style w:type="paragraph" w:styleId="Heading1"><w:name '
        'w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="32"/></w:rPr>'
        "</w:style></w:styles>",
        "word/numbering.xml": f'<w:numbering {main}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start '
        'w:val="1"/><w:numFmt w:val="chineseCounting"/><w:suff w:val="nothing"/><w:lvlText w:val="%1、"/></w:lvl>'
        '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>',
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title></cp:coreProperties>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            body = text if text.startswith("<?xml") else _XML + text
            archive.writestr(zipfile.ZipInfo(name, _STAMP), body.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()
