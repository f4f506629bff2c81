"""The shipped samples: `python -m training.synthesize.samples` draws data/samples anew, always the same.

One report or more for every way in: scans, text layer, DOCX, web page, OFD, and texts laid out badly, each in its own
way; both forms, a mixture, reports that do not balance. Agencies and prose are invented.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from data import SAMPLES as FOLDER
from training.synthesize.draw import draw_page
from training.synthesize.effects import Quality, Scan, drawing_dpi, scan_page
from training.synthesize.flow import docx, html, ofd
from training.synthesize.flow.text import STYLES, write_text
from training.synthesize.invent import invent_report
from training.synthesize.layout import lay_out
from training.synthesize.pdf import image_pdf, image_tiff, text_pdf
from training.synthesize.report import DrawnReport, FormYear, Section
from training.synthesize.scans import scan_report
from training.synthesize.style import choose_style

_A3 = (841.89, 1190.55)

Made = tuple[bytes, DrawnReport]
Maker = Callable[[int], Made]


@dataclass(frozen=True, slots=True)
class Sample:
    """One file of data/samples and how it is made."""

    name: str
    """File name; the truth is beside it as STEM.truth.json."""
    about: str
    """What it shows, for the list of samples."""
    seed: int
    make: Maker
    fonts: bool = False
    """Whether drawing it needs the system's fonts; the others come out the same everywhere."""

    @property
    def truth(self) -> str:
        """File name of the truth."""
        return self.name.partition(".")[0] + ".truth.json"


def _forms(proactive: FormYear, applications: FormYear | None = None) -> Mapping[str, FormYear]:
    later = applications or proactive
    return {"proactive": proactive, "applications": later, "disputes": later}


def _scan(quality: Quality, forms: Mapping[str, FormYear], write: Callable[[Sequence[Scan]], bytes]) -> Maker:
    def make(seed: int) -> Made:
        report = invent_report(seed, table_forms=forms)
        return write(scan_report(report, quality, seed, hard=0).scans), report

    return make


def _photo(seed: int) -> Made:
    """A whole report on one large sheet, photographed: one picture holds all three tables."""
    report = _short(invent_report(seed, table_forms=_forms("2021")))
    style = choose_style(seed, hard=0)
    table = replace(style.table, size=11, number_size=11, leading=1.25, padding=(3, 1), extra_height=1, label_share=1)
    style = replace(
        style,
        page=_A3,
        margins=(60, 50, 60, 50),
        title_size=18,
        heading_size=11,
        body_size=10.5,
        leading=1.25,
        cover=False,
        table_on_new_page=False,
        table=replace(table, width_share=1, vertical_labels=False),
    )
    (page,) = lay_out(report, seed, style=style)
    scan = scan_page(draw_page(page, drawing_dpi("phone")), "phone", np.random.default_rng(seed))
    return scan.encoded, report


def _text_layer(seed: int) -> Made:
    report = invent_report(seed, table_forms=_forms("2021", "2019"))
    pages = lay_out(report, seed, style=choose_style(seed, hard=0, embeddable=True))
    return text_pdf(pages, report.title), report


def _ofd(seed: int) -> Made:
    report = invent_report(seed, table_forms=_forms("2021"))
    pages = lay_out(report, seed, style=choose_style(seed, hard=0))
    return ofd.write_ofd(pages, ofd.OfdStyle(short_steps=True, scaled=True), report.title), report


def _docx(forms: Mapping[str, FormYear], style: docx.DocxStyle) -> Maker:
    def make(seed: int) -> Made:
        report = invent_report(seed, table_forms=forms)
        return docx.write_docx(report, style, seed), report

    return make


def _html(forms: Mapping[str, FormYear], style: html.HtmlStyle) -> Maker:
    def make(seed: int) -> Made:
        report = invent_report(seed, table_forms=forms)
        return html.write_html(report, style, seed), report

    return make


def _text(name: str, forms: Mapping[str, FormYear]) -> Maker:
    def make(seed: int) -> Made:
        written = write_text(invent_report(seed, table_forms=forms), STYLES[name], seed)
        return written.text.encode(), written.report

    return make


def _short(report: DrawnReport) -> DrawnReport:
    """The report with one paragraph a chapter."""
    sections = {name: Section(one.title, one.paragraphs[:1]) for name, one in report.sections.items()}
    return replace(report, sections=sections, preamble=())


_2019, _2021, _MIXED = _forms("2019"), _forms("2021"), _forms("2021", "2019")

SAMPLES: tuple[Sample, ...] = (
    Sample(
        "scan-office.pdf",
        "office scan with a red seal and skew, as a PDF of images",
        271,
        _scan("office", _2021, image_pdf),
        True,
    ),
    Sample(
        "scan-copy.pdf",
        "photocopy of a copy: black and white, specks, the seal black",
        255,
        _scan("copy", _2021, image_pdf),
        True,
    ),
    Sample("scan-phone.jpg", "photo of a report on one large sheet", 280, _photo, True),
    Sample(
        "scan-clean.tiff", "clean scan as a TIFF of many pages, 2019 form", 110, _scan("clean", _2019, image_tiff), True
    ),
    Sample(
        "text-layer.pdf", "PDF with a text layer; 2021 form with the 2019 table of applications", 112, _text_layer, True
    ),
    Sample("pages.ofd", "OFD with positioned text, rules as paths", 138, _ofd, True),
    Sample(
        "word.docx",
        "DOCX from WPS: headings numbered by Word, title in a text box; the numbers do not balance",
        162,
        _docx(_2021, docx.DocxStyle("numbered", wps=True, text_box="title")),
    ),
    Sample(
        "nested.docx",
        "DOCX: table in a table, cut in two; 2019 form",
        112,
        _docx(_2019, docx.DocxStyle("plain", nested=True, split=True, legacy_spans=True)),
    ),
    Sample(
        "page-gbk.html",
        "web page in GBK that calls itself UTF-8, Word's clutter, old layout tables",
        105,
        _html(_2021, html.HtmlStyle("gb18030", "utf-8", "word", layout_tables=True, line_breaks=True)),
    ),
    Sample(
        "page-odd.html",
        "web page without a charset, upper-case unclosed markup; a mixture of forms",
        156,
        _html(_MIXED, html.HtmlStyle("gb18030", None, "none", odd_markup=True)),
    ),
    Sample(
        "tab-wrapped.txt",
        "text: labels wrapped over lines and cut between tab columns; 2019 form",
        102,
        _text("tab-wrapped", _2019),
    ),
    Sample("piped-cells.txt", "text in traditional script: a cell a line, pipes", 156, _text("piped-cells", _2021)),
    Sample(
        "spaced-rows.txt",
        "text from a PDF: rows on lines, group labels broken around them, radicals for characters",
        152,
        _text("spaced-rows", _2021),
    ),
    Sample("tab-rows.txt", "text: tab columns with rows displaced", 142, _text("tab-rows", _2021)),
    Sample(
        "indented-cells.txt",
        "text: a cell a line behind tabs, merged cells as lone tabs",
        139,
        _text("indented-cells", _2021),
    ),
    Sample(
        "page-rows.txt",
        "text from pages: vertical labels between the rows, page numbers and titles in tables; does not balance",
        129,
        _text("page-rows", _2021),
    ),
    Sample(
        "numbers-below.txt",
        "text: full-width numbers on the lines below their labels; a mixture of forms",
        110,
        _text("numbers-below", _MIXED),
    ),
    Sample(
        "markdown-pieces.md",
        "Markdown tables in pieces, labels between them, units and remarks in cells",
        157,
        _text("markdown-pieces", _2021),
    ),
)
"""Every sample, in the order of the list."""


def write_samples(folder: Path, samples: Sequence[Sample] = SAMPLES) -> None:
    """Draw the samples and their truths into `folder`, and list them in its README.md."""
    folder.mkdir(parents=True, exist_ok=True)
    for sample in samples:
        data, report = sample.make(sample.seed)
        (folder / sample.name).write_bytes(data)
        report.write_truth(folder / sample.truth)
    (folder / "README.md").write_text(describe(), encoding="utf-8")


def describe() -> str:
    """Text of data/samples/README.md."""
    lines = [
        "# Drawn samples",
        "",
        "Reports of invented agencies, each with its exact truth beside it (`NAME.truth.json`: form of each table,",
        "year, title, agency, every value as printed, and the identities that the printed numbers break). All drawn by",
        "`python -m training.synthesize.samples` (or `make samples`), from the seeds below; no real report is in them.",
        "",
        "| file | seed | what it shows |",
        "|---|---|---|",
        *(f"| `{sample.name}` | {sample.seed} | {sample.about} |" for sample in SAMPLES),
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the samples anew: all, or those named."""
    parser = argparse.ArgumentParser(prog="python -m training.synthesize.samples", description=main.__doc__)
    parser.add_argument("names", nargs="*", help="file names; default all")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder to write")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - {sample.name for sample in SAMPLES}
    if unknown:
        parser.error(f"no sample is called {min(unknown)}")
    write_samples(options.out, [one for one in SAMPLES if one.name in options.names or not options.names])


if __name__ == "__main__":
    main()
