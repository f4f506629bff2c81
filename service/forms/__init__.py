"""The template catalogue, and cells to fields; nothing about files or pixels."""

from __future__ import annotations

from service.forms.catalogue import load_forms, load_vocabulary
from service.forms.chapters import read_chapters
from service.forms.decode import Decoding, FormReading, TableReading, read_form
from service.forms.evidence import Classifier
from service.forms.merge import merged
from service.forms.report import read_report

__all__ = [
    "Classifier",
    "Decoding",
    "FormReading",
    "TableReading",
    "load_forms",
    "load_vocabulary",
    "merged",
    "read_chapters",
    "read_form",
    "read_report",
]
