"""Words and signs that stand around the forms' labels and numbers, whatever the form: data, not code."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from data import VOCABULARY
from service.errors import InvalidTemplate


class Vocabulary(BaseModel):
    """Words and signs around labels and numbers (data/vocabulary.yaml)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    marks: frozenset[str]
    nothing: frozenset[str]
    ocr_marks: frozenset[str]
    negative: tuple[str, ...]
    positive: tuple[str, ...]
    units: tuple[str, ...]
    scales: frozenset[str]
    ocr_digits: dict[str, str]
    titles: tuple[str, ...]
    year_marks: tuple[str, ...]
    title_keys: tuple[str, ...]
    agency_keys: tuple[str, ...]
    publish_words: tuple[str, ...]
    page_marks: frozenset[str]
    continuation_notes: tuple[str, ...]
    page_furniture: tuple[str, ...]
    numerals: frozenset[str]


@cache
def load_vocabulary(path: Path = VOCABULARY) -> Vocabulary:
    """The vocabulary; raises InvalidTemplate."""
    try:
        return Vocabulary.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise InvalidTemplate(f"{path.name}: {str(error).splitlines()[0]}") from error
