"""Label Studio's JSON: one task a page picture, a rectangle for each field with its text as printed.

The layout is that of Label Studio's OCR template: for each field one region of type `rectanglelabels`, whose label is
the field's id, and one of type `textarea` with the same region id. Boxes are per cent of the picture. What a task's
picture cannot show (fields without a place, the report's year and title) travels in the task's `data`.

Source: Label Studio documentation, "Label Studio JSON format of annotated tasks".
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from service.documents.model import Box
from service.errors import InvalidLabels
from service.forms.catalogue import load_forms
from training.datasets.labels import DECIMALS, Label, Labels, checked, rounded

_LABEL, _TEXT, _IMAGE = "field", "text", "image"
"""Names of the tags in the labelling configuration."""


def labelling_config() -> str:
    """The labelling configuration (XML) of a Label Studio project for these reports: every field id is a label."""
    fields = dict.fromkeys(spec.id for form in load_forms() for table in form.tables for spec in table.fields())
    labels = "".join(f"    <Label value={quoteattr(name)}/>\n" for name in fields)
    return (
        "<View>\n"
        f'  <Image name="{_IMAGE}" value="$image" zoom="true" zoomControl="true"/>\n'
        f'  <RectangleLabels name="{_LABEL}" toName="{_IMAGE}">\n{labels}  </RectangleLabels>\n'
        f'  <TextArea name="{_TEXT}" toName="{_IMAGE}" editable="true" perRegion="true" required="false" '
        'maxSubmissions="1" rows="1"/>\n'
        "</View>\n"
    )


def to_tasks(labels: Labels, pictures: Mapping[int, str], *, predicted: bool = False) -> list[dict[str, Any]]:
    """The tasks of one report, one a page.

    Args:
        labels: of the report; `sizes` must hold the size of each picture.
        pictures: address of each page's picture, by page from 1.
        predicted: whether the labels are only suggestions (`predictions`) that a person is yet to accept.

    Raises:
        InvalidLabels: the report has no pages, or a field lies on a page without a picture.
    """
    if not pictures:
        raise InvalidLabels(f"{labels.file} has no page pictures, so Label Studio cannot show it.")
    placed = {name: one for name, one in labels.fields.items() if one.page is not None and one.box is not None}
    strange = {one.page for one in placed.values()} - pictures.keys()
    if strange or pictures.keys() - labels.sizes.keys():
        raise InvalidLabels(f"{labels.file} has labels on a page without a picture.")
    return [
        {
            "data": _page_data(labels, page, address, first=page == min(pictures)),
            ("predictions" if predicted else "annotations"): [
                {"result": [part for n, one in placed.items() if one.page == page for part in _region(n, one, labels)]}
            ],
        }
        for page, address in sorted(pictures.items())
    ]


def _page_data(labels: Labels, page: int, address: str, *, first: bool) -> dict[str, Any]:
    data: dict[str, Any] = {"image": address, "file": labels.file, "page": page, "table_forms": {**labels.table_forms}}
    if first:
        data |= {"year": labels.year, "title": labels.title, "agency": labels.agency}
        data["unplaced"] = {
            name: {"text": one.text, "page": one.page}
            for name, one in labels.fields.items()
            if one.page is None or one.box is None
        }
    return data


def _region(name: str, label: Label, labels: Labels) -> list[dict[str, Any]]:
    box, page = label.box, label.page
    if box is None or page is None:
        raise ValueError("only a label with a place is a region")
    width, height = labels.sizes[page]
    where = {
        "x": round(100 * box.x0, DECIMALS),
        "y": round(100 * box.y0, DECIMALS),
        "width": round(100 * (box.x1 - box.x0), DECIMALS),
        "height": round(100 * (box.y1 - box.y0), DECIMALS),
        "rotation": 0,
    }
    common = {
        "id": name,
        "to_name": _IMAGE,
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
    }
    rectangle = {**where, "rectanglelabels": [name]}
    return [
        {**common, "from_name": _LABEL, "type": "rectanglelabels", "value": rectangle},
        {**common, "from_name": _TEXT, "type": "textarea", "value": {**where, "text": [label.text]}},
    ]


def from_tasks(tasks: Sequence[Mapping[str, Any]]) -> list[Labels]:
    """The labels in an export of Label Studio, one for each report, in order of appearance.

    Of several annotations of a task the last counts, unless it was cancelled; predictions are not labels. A rectangle
    without a text is a blank cell.

    Raises:
        InvalidLabels: a task is not as above, two regions are the same field, or the forms do not allow a label.
    """
    files: dict[str, list[Mapping[str, Any]]] = {}
    try:
        for task in tasks:
            files.setdefault(str(task["data"]["file"]), []).append(task)
        return [checked(_from_pages(file, pages)) for file, pages in files.items()]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InvalidLabels(f"A Label Studio task lacks something or holds something strange: {error}.") from error


def _from_pages(file: str, tasks: Sequence[Mapping[str, Any]]) -> Labels:
    fields: dict[str, Label] = {}
    sizes: dict[int, tuple[int, int]] = {}
    about: dict[str, Any] = {}
    for task in tasks:
        data = task["data"]
        about = {**data, **about}
        page = int(data["page"])
        unplaced = ((name, Label(str(one["text"]), one["page"])) for name, one in data.get("unplaced", {}).items())
        for name, label in (*unplaced, *_labels(_annotation(task), page, sizes)):
            if name in fields:
                raise InvalidLabels(f"{file}: the field {name} is labelled twice.")
            fields[name] = label
    return Labels(file, about["table_forms"], fields, about.get("year"), about.get("title"), about.get("agency"), sizes)


def _annotation(task: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The regions of the annotation that counts; none where nobody has annotated the page."""
    done = [one for one in task.get("annotations") or () if not one.get("was_cancelled")]
    return done[-1]["result"] if done else ()


def _labels(
    regions: Sequence[Mapping[str, Any]], page: int, sizes: dict[int, tuple[int, int]]
) -> Iterable[tuple[str, Label]]:
    texts = {one["id"]: "".join(one["value"]["text"]) for one in regions if one["type"] == "textarea"}
    for one in regions:
        if one["type"] != "rectanglelabels" or not one["value"]["rectanglelabels"]:
            continue
        sizes[page] = (int(one["original_width"]), int(one["original_height"]))
        yield str(one["value"]["rectanglelabels"][0]), Label(texts.get(one["id"], ""), page, _box(one, sizes[page]))


def _box(region: Mapping[str, Any], size: tuple[int, int]) -> Box:
    """The upright box around a region, which may be turned clockwise about its top left corner (`rotation`)."""
    value = region["value"]
    x, y, width, height = (float(value[name]) / 100 for name in ("x", "y", "width", "height"))
    turn = math.radians(float(value.get("rotation") or 0))
    if not turn:
        return rounded((x, y, x + width, y + height))
    aspect = size[0] / size[1]
    across, down = (math.cos(turn), math.sin(turn) * aspect), (-math.sin(turn) / aspect, math.cos(turn))
    corners = [
        (x + i * width * across[0] + j * height * down[0], y + i * width * across[1] + j * height * down[1])
        for i in (0, 1)
        for j in (0, 1)
    ]
    xs, ys = [min(1.0, max(0.0, one)) for one, _ in corners], [min(1.0, max(0.0, one)) for _, one in corners]
    return rounded((min(xs), min(ys), max(xs), max(ys)))
