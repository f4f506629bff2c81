"""The one pipeline: bytes of a file to an Extraction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from models.calibration import load_calibration
from service.documents import open_document
from service.documents.model import Document, Page
from service.errors import NotAReport
from service.forms import FormReading, load_forms, load_vocabulary, read_chapters, read_form, read_report
from service.limits import Limits
from service.reconcile import SURE, Sureness, judge, prove, read_proof, reconcile
from service.reconcile.explain import explain
from service.reconcile.runs import split_runs
from service.reconcile.words import words_against_tables
from service.results import Extraction, Issue, Source, Template
from service.scanned import Found, for_one_report, is_scan, read_better, read_scanned
from service.tables import build_blocks

if TYPE_CHECKING:
    from models.cells import CellClassifier
    from models.readers import Readers


def extract(
    name: str,
    data: bytes,
    *,
    readers: Readers | Callable[[], Readers] | None = None,
    limits: Limits | None = None,
) -> Extraction:
    """Read one report; raises the errors of service.errors.

    `readers`, if a function, is called only for a file with a scanned page, and should remember what it has loaded;
    None loads them anew for each such file.
    """
    vocabulary = load_vocabulary()
    document = open_document(name, data, limits)
    loaded = _loaded(document.pages, readers)
    classifier = loaded.cells if loaded else _classifier(readers)
    pages, blocks, reading = _read(document, loaded, classifier)
    split = split_runs(reading.runs, reading.identities, reading.fields, vocabulary)
    fields = split.fields
    if all(field.state == "missing" for field in fields.values()) and not reading.runs:
        raise NotAReport(_why_not(reading, pages))
    calibration, labels = load_calibration(), _labels(reading)
    proof = read_proof(calibration.proven) if calibration else None
    earlier = (*_page_issues(pages), *reading.issues, *split.issues)
    found = prove(reconcile(reading.identities, fields), reading.identities, earlier, proof, fields)
    identities, explained = explain(found, reading.identities, fields, labels)
    blocks = blocks[: reading.lines[-1].block + 1]  # another report in the file has a title and chapters of its own
    report = read_report(blocks, None if reading.beyond else document.title, vocabulary)
    sections = read_chapters(blocks, reading.lines, reading.regions, reading.template.chapters, vocabulary)
    words = words_against_tables(sections, found.fields, report, labels, _unsure_numbers(pages))
    issues, status = judge(identities, found.fields, (*earlier, *explained, *words), served_sureness(), labels)
    return Extraction(
        source=_source(document),
        template=_template(reading),
        report=report,
        sections=sections,
        fields=dict(found.fields),
        identities=identities,
        issues=issues,
        status=status,
        models={**(loaded.names if loaded else {}), **({"cells": classifier.name} if classifier else {})},
    )


def served_sureness() -> Sureness:
    """What the served calibration demands of a reading."""
    calibration = load_calibration()
    return Sureness(**calibration.sure) if calibration else Sureness()


def _loaded(pages: Sequence[Page], readers: Readers | Callable[[], Readers] | None) -> Readers | None:
    """The readers, where there is a page for them."""
    if not any(map(is_scan, pages)):
        return None
    # Imported here: loading PaddleOCR takes two seconds, for which a file without scanned pages need not wait.
    from models.readers import load_readers

    readers = readers or load_readers
    return readers() if callable(readers) else readers


def _classifier(readers: Readers | Callable[[], Readers] | None) -> CellClassifier | None:
    """The token classifier, of readers that are already loaded or by itself; None where there is none."""
    if readers is not None and not callable(readers):
        return readers.cells
    from models.cells import load_classifier

    return load_classifier()


def _read(document: Document, readers: Readers | None, classifier: CellClassifier | None) -> Found:
    """The pages as they were read, what they hold, and what of it are fields."""

    def find(pages: tuple[Page, ...]) -> Found:
        blocks = document.blocks or build_blocks(pages)
        return Found(pages, blocks, read_form(blocks, load_forms(), load_vocabulary(), classifier))

    if readers is None:
        return find(document.pages)
    readers = for_one_report(readers)
    return read_better(document.pages, find(read_scanned(document.pages, readers)), readers, find)


def _page_issues(pages: Sequence[Page]) -> Iterator[Issue]:
    for page in pages:
        if page.problem:
            message = f"Page {page.number} could not be read: {page.problem}"
            yield Issue(code="page-unreadable", severity="error", message=message)


def _unsure_numbers(pages: Sequence[Page]) -> frozenset[str]:
    """What may be a misread number in the prose: all texts on the pages that no reader was sure of."""
    unsure = (token.text for page in pages for token in page.tokens if token.confidence < SURE)
    return frozenset(text.strip(",.，．:：;；") for text in unsure)


def _why_not(reading: FormReading, pages: Sequence[Page]) -> str:
    unread = [page for page in pages if page.problem]
    if unread and len(unread) == len(pages):
        return f"none of its pages could be read: {unread[0].problem}"
    if reading.regions:
        return "it names the statutory tables, but has no readable cell of them"
    return "it has none of the three statutory tables of an annual report on government information disclosure"


def _labels(reading: FormReading) -> dict[str, str]:
    """The path of printed labels of every field."""
    return {spec.id: spec.label for table in reading.tables for spec in table.form.table(table.table).fields()}


def _source(document: Document) -> Source:
    return Source(name=document.name, sha256=document.sha256, media_type=document.media_type, pages=len(document.pages))


def _template(reading: FormReading) -> Template:
    return Template(
        id=reading.template.id,
        confidence=reading.confidence,
        tables={table.table: table.form.year for table in reading.tables},
    )
