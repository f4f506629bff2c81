"""Label files of all kinds: gouji's own JSON (a result, or NAME.truth.json) and Label Studio's."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from service.errors import InvalidLabels
from service.results import Extraction
from training.datasets.label_studio import from_tasks
from training.datasets.labels import Labels, from_result, from_truth


def read_labels(path: Path) -> list[Labels]:
    """The labels in a file of any of the three kinds, told by its content.

    Raises:
        InvalidLabels: the file is none of them, or says what the forms do not allow.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidLabels(f"{path}: {(error.strerror or 'cannot be read').lower()}.") from error
    except ValueError as error:
        raise InvalidLabels(f"{path.name} cannot be read as JSON.") from error
    if isinstance(content, list):
        return from_tasks(content)
    if isinstance(content, dict) and "schema_version" in content:
        try:
            return [from_result(Extraction.model_validate(content))]
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            raise InvalidLabels(f"{path.name} is no result of gouji: {where}.") from error
    if isinstance(content, dict) and "values" in content:
        return [from_truth(content, path.name.removesuffix(".json").removesuffix(".truth"))]
    raise InvalidLabels(f"{path.name} is neither a result or truth of gouji nor a list of Label Studio tasks.")
