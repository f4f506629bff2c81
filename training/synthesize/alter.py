"""Changes of a table's shape that agencies, converters and copiers make: headings lost, labels garbled, columns added.

Each takes a complete grid and gives a complete grid; the fields stay where they were, so the truth stays exact.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache

import opencc

from training.synthesize.report import DrawnReport, Number, Section
from training.synthesize.shapes import VALUE_WEIGHT, ShapeCell, TableShape

Alter = Callable[[TableShape], TableShape]
"""A change of a table before it is laid out."""

# Characters that copies, OCR and typing mix up; each group holds what may stand for one another.
_LOOK_ALIKES = (
    "人入八", "大太犬", "未末木本", "土士上", "千干于", "己已巳", "日曰目", "田由甲申", "天夫无", "了子予", "力刀",
    "工土王", "开井升", "今令", "件伴仟", "政攻玫", "府俯付", "信倡", "息恩", "公分", "法去", "行彳", "申电", "请清情",
    "结给", "转较", "年牛", "制刷", "发友", "止正", "现规", "有肖", "效郊", "规视", "章竟", "范苑", "性姓", "文交",
    "处外", "理埋", "决块", "定走", "数敖", "许评", "可司", "罚罪", "强弹", "事争", "业亚", "收攸", "费贵", "总恳",
    "计汁", "其具", "他地", "自白", "然燃", "商南", "企全", "科料", "研妍", "机杌", "构购", "社杜", "会合", "益盖",
    "服报", "务劣", "律津", "维椎", "持待", "果杲", "纠纟", "审宙", "尚向", "复夏", "议仪", "诉拆", "讼说", "不个",
    "予矛", "提堤", "供洪", "属届", "国围", "家冢", "秘秋", "密蜜", "危厄", "及乃", "安宴", "全金", "第弟", "三二",
    "方万", "权杈", "内肉", "部郡", "过迁", "程桯", "重里", "补朴", "仍扔", "明朋", "确碓", "当甘", "由曲", "反友",
    "量童", "要耍", "求术", "出山", "版板", "物勿", "认队", "新析", "获荻", "取职", "逾愈", "期朗", "缴激", "纳呐",
)  # fmt: skip
_STRAY = "一丨丶丿口的之.·，'、:"
"""What specks, rule remnants and slips of the keyboard add."""
_REMARKS = ("无", "见附表", "含上年", "已办结", "按季统计", "其中电子件2件", "含信函申请")


@cache
def _mistaken() -> Mapping[str, str]:
    """Character to those it is mistaken for."""
    return {one: group.replace(one, "") for group in _LOOK_ALIKES for one in group}


def drop_headings(shape: TableShape, rng: random.Random) -> TableShape:
    """Leave out the headings of columns and their groups: rows gone, or their cells empty. Titles of blocks stay."""
    width = len(shape.weights)
    if rng.random() < 0.4:
        return _with_cells(shape, (replace(one, text="") if _heads_column(one, width) else one for one in shape.cells))
    gone = {row for one in shape.cells if _heads_column(one, width) for row in range(one.row, one.row + one.row_span)}
    above = [sum(row < place for row in gone) for place in range(shape.rows)]
    kept = (replace(one, row=one.row - above[one.row]) for one in shape.cells if one.row not in gone)
    return replace(shape, cells=tuple(kept), rows=shape.rows - len(gone), heading_rows=0)


def _heads_column(cell: ShapeCell, width: int) -> bool:
    """Whether it is a heading over columns, not the title over a whole block."""
    return cell.role == "heading" and (cell.column_span < width or cell.row_span > 1)


def garble_labels(shape: TableShape, rng: random.Random, share: float) -> TableShape:
    """Garble every label and heading: `share` of its characters (one at least) mistaken, lost, doubled or added to."""
    return _with_cells(
        shape,
        (one if not _names(one) else replace(one, text=garble(one.text, rng, share)) for one in shape.cells),
    )


def mistype_labels(shape: TableShape, rng: random.Random, share: float) -> TableShape:
    """Mistype a share of the labels and headings by one character, or number them in another way."""
    return _with_cells(
        shape,
        (
            one if not _names(one) or rng.random() > share else replace(one, text=_mistyped(one.text, rng))
            for one in shape.cells
        ),
    )


def _names(cell: ShapeCell) -> bool:
    """Whether something is printed in it that names rows or columns."""
    return cell.role in ("heading", "label") and bool(cell.text)


def _mistyped(text: str, rng: random.Random) -> str:
    if text[1:2] == "." and rng.random() < 0.5:
        return text[0] + rng.choice("、．，:") + text[2:]
    return garble(text, rng, 0.01) if len(text) > 2 else text


def garble(text: str, rng: random.Random, share: float) -> str:
    """Garble `share` of a text's characters, one at least; something always stays of it."""
    hit = set(rng.sample(range(len(text)), min(len(text), max(1, round(share * len(text))))))
    out = "".join(_garbled(one, rng) if place in hit else one for place, one in enumerate(text))
    return out or text[:1]


def _garbled(character: str, rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.6:
        return rng.choice(_mistaken().get(character) or rng.choice(_LOOK_ALIKES))
    if chance < 0.85:
        return ""
    return character + rng.choice(_STRAY + character)


def add_column(shape: TableShape, values: Mapping[str, Number | None], rng: random.Random) -> TableShape:
    """Add a column that the form does not have: remarks, running numbers, or a subtotal in a group of columns."""
    group = _inner_group(shape)
    kind = rng.choice(["remarks", "numbers", "subtotal"] if group else ["remarks", "numbers"])
    if kind == "subtotal" and group:
        return _add_subtotals(shape, group, values)
    if kind == "numbers":
        texts = {row: str(number) for number, row in enumerate(_body_rows(shape), start=1)}
        numbered = insert_column(shape, 0, "序号", texts, 0.4, None)
        return replace(numbered, label_columns=shape.label_columns + 1)
    share = rng.choice([0, 0.1, 0.4])
    texts = {row: rng.choice(_REMARKS) if rng.random() < share else "" for row in _body_rows(shape)}
    return insert_column(shape, len(shape.weights), rng.choice(["备注", "说明", "备 注"]), texts, 0.9, None)


def _add_subtotals(shape: TableShape, group: ShapeCell, values: Mapping[str, Number | None]) -> TableShape:
    end = group.column + group.column_span
    sums: dict[int, Number] = {}
    for one in shape.cells:
        if one.field and group.column <= one.column < end:
            sums[one.row] = sums.get(one.row, 0) + (values[one.field] or 0)
    return insert_column(shape, end, "小计", {row: str(number) for row, number in sums.items()}, VALUE_WEIGHT, group)


def _inner_group(shape: TableShape) -> ShapeCell | None:
    """The heading over a group of columns that is neither all of them nor the last, beside labelled rows."""
    found = (
        one
        for one in shape.cells
        if shape.label_columns > 1
        and one.role == "heading"
        and one.column >= shape.label_columns
        and one.column_span > 1
        and one.column + one.column_span < len(shape.weights)
    )
    return next(found, None)


def _body_rows(shape: TableShape) -> list[int]:
    return sorted({one.row for one in shape.cells if one.field})


def insert_column(
    shape: TableShape, at: int, heading: str, texts: Mapping[int, str], weight: float, into: ShapeCell | None
) -> TableShape:
    """Insert a column before column `at`; cells across that line, whole titles and the heading `into` grow over it.

    `texts` are those of its rows; rows without one hold the heading. `weight` is its width where a column of values has
    `VALUE_WEIGHT`.
    """
    width = len(shape.weights)
    cells: list[ShapeCell] = []
    covered: set[int] = set()
    for one in shape.cells:
        end = one.column + one.column_span
        if one.column < at < end or one.column_span == width or one is into:
            covered.update(range(one.row, one.row + one.row_span))
            cells.append(replace(one, column_span=one.column_span + 1))
        else:
            cells.append(replace(one, column=one.column + (one.column >= at)))
    row = 0
    while row < shape.rows:
        span = 1
        if row not in covered and row not in texts:
            while row + span < shape.rows and row + span not in covered and row + span not in texts:
                span += 1
            cells.append(ShapeCell(row, at, span, 1, heading, "heading"))
        elif row in texts:
            cells.append(ShapeCell(row, at, 1, 1, texts[row], "extra"))
        row += span
    cells.sort(key=lambda one: (one.row, one.column))
    scale = shape.weights[-1] / VALUE_WEIGHT if width > 1 else 1
    weights = (*shape.weights[:at], weight * scale, *shape.weights[at:])
    return replace(shape, cells=tuple(cells), weights=weights)


def traditional_shape(shape: TableShape) -> TableShape:
    """Print the labels in traditional script."""
    return _with_cells(shape, (replace(one, text=traditional(one.text)) for one in shape.cells))


def traditional_report(report: DrawnReport) -> DrawnReport:
    """Print a whole report in traditional script: title, agency, prose, and the words in its cells."""
    return replace(
        report,
        title=traditional(report.title),
        agency=traditional(report.agency),
        printed={name: traditional(text) for name, text in report.printed.items()},
        sections={
            name: Section(traditional(one.title), tuple(map(traditional, one.paragraphs)))
            for name, one in report.sections.items()
        },
        preamble=tuple(map(traditional, report.preamble)),
    )


def traditional(text: str) -> str:
    """Convert a text from simplified to traditional script."""
    converted: str = _converter().convert(text)
    return converted


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def _with_cells(shape: TableShape, cells: Iterable[ShapeCell]) -> TableShape:
    return replace(shape, cells=tuple(cells))
