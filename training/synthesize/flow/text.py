"""Drawn reports as plain text, laid out as badly as real ones: each style is a chain of seeded damage.

A style is prints (other ways to print the same numbers), a writer of tables (see `rows`), and damage to the whole text
(script, radicals, brackets, page ends, a publishing page around it). The truth that comes back is exact for the text.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from training.synthesize.alter import traditional
from training.synthesize.flow import prints, rows
from training.synthesize.pages import radicals
from training.synthesize.report import DrawnReport
from training.synthesize.shapes import shape_tables

Damage = Callable[[str, random.Random], str]
"""A change of the finished text that leaves every number and word what it is."""


@dataclass(frozen=True, slots=True)
class TextStyle:
    """A way of laying a report out badly."""

    name: str
    tables: rows.Writer
    recoverable: bool = True
    """Whether every number has its place in the text itself; False: only the identities tell."""
    prints: tuple[prints.Change, ...] = ()
    damage: tuple[Damage, ...] = ()
    gap: str = "\n"
    """Between the lines of the text."""
    aliases: float = 0.15
    """Probability that a label is printed otherwise."""
    page_ends: tuple[tuple[str, ...], ...] = (("",),)
    """Ways in which a page ends inside a table, one for a text: lines, with {page}, {next} and {title} filled in."""
    traditional: bool = False
    one_line: bool = False
    """Everything on one line."""


@dataclass(frozen=True, slots=True)
class FlowText:
    """A report written as text, with the report that is the truth of exactly this text."""

    text: str
    report: DrawnReport
    recoverable: bool


def write_text(report: DrawnReport, style: TextStyle, seed: int) -> FlowText:
    """Write a report in a style; the same report, style and seed give the same text."""
    rng = random.Random(f"{style.name} {seed}")
    for change in style.prints:
        report = change(report, rng)
    lines = [line for part in _parts(report, style, rng) for line in part]
    text = " ".join(lines) if style.one_line else style.gap.join(lines) + "\n"
    if style.traditional:
        text = traditional(text)
        report = replace(report, title=traditional(report.title), agency=traditional(report.agency))
    for damage in style.damage:
        text = damage(text, rng)
    return FlowText(text, report, style.recoverable)


def _parts(report: DrawnReport, style: TextStyle, rng: random.Random) -> Iterator[Sequence[str]]:
    """The text's parts: title, preamble, and each chapter with its table."""
    yield [report.title]
    yield report.preamble
    tables = {
        shape.id: style.tables(shape, rng)
        for shape in shape_tables(report, seed=rng.randrange(2**32), aliases=style.aliases)
    }
    page, page_end = 1, rng.choice(style.page_ends)
    for name, section in report.sections.items():
        yield [section.title, *section.paragraphs]
        for row in tables.get(name, []):
            for line in row:
                if line != rows.PAGE_BREAK:
                    yield [line]
                    continue
                page += 1
                yield [line.format(page=page, next=page + 1, title=report.title) for line in page_end]


def use_radicals(text: str, rng: random.Random) -> str:
    """Write common characters as the Kangxi or CJK radicals that look like them, as some PDF writers do."""
    del rng
    return text.translate(radicals())


def ascii_brackets(text: str, rng: random.Random) -> str:
    """Write brackets and commas in ASCII, some with a space behind."""
    gap = rng.choice(["", " "])
    return text.translate({ord("（"): "(", ord("）"): ")" + gap, ord("，"): ",", ord("："): ":"})


def ordinal_commas(text: str, rng: random.Random) -> str:
    """Number the rows 1、 instead of 1. at the start of a cell or line."""
    del rng
    out: list[str] = []
    for index, char in enumerate(text):
        before, after = text[index - 1 : index], text[index + 1 : index + 2]
        out.append("、" if char == "." and before.isdigit() and _is_ideograph(after) else char)
    return "".join(out)


def published(text: str, rng: random.Random) -> str:
    """Put a publishing page's lines around the text, as a crawler leaves them."""
    title = text.split(maxsplit=1)[0]
    date = f"20{rng.randrange(20, 26)}-01-{rng.randrange(10, 31)} {rng.randrange(8, 18):02d}:{rng.randrange(60):02d}"
    head = [f"标题: {title}", f"发布时间: {date}", "文号: ", "栏目: 政府信息公开年报", "=" * 20 + " 正文 " + "=" * 20]
    way = f"当前位置： 首页 > 政务公开 > 政府信息公开年报 来源：本站 时间：{date} 微信 微博 文件下载 相关链接： -->"
    return "\n".join([*head, way, text.rstrip("\n"), "附件下载"]) + "\n"


def listed(text: str, rng: random.Random) -> str:
    """Indent paragraphs, turn some into list items, and leave a converter's bookmark behind."""
    out = []
    for line in text.split("\n"):
        if "\t" in line:
            out.append(line)
        elif line.startswith("（") and len(line) > 40 and rng.random() < 0.6:
            out.append("- " + line)
        elif len(line) > 40 and line[:1].isalnum() and rng.random() < 0.3:
            out.append(("[bookmark: _GoBack]" if "bookmark" not in "".join(out[-40:]) else "        ") + line)
        else:
            out.append(line)
    return "\n".join(out)


def wrapped_prose(text: str, rng: random.Random) -> str:
    """Break paragraphs into lines as a page does."""
    size = rng.randrange(26, 60)
    return "\n".join(
        part
        for line in text.split("\n")
        for part in ([line[at : at + size] for at in range(0, len(line), size)] if _is_prose(line) else [line])
    )


def _is_prose(line: str) -> bool:
    return len(line) > 60 and "\t" not in line and "|" not in line and not line[-1].isdigit()


def _is_ideograph(char: str) -> bool:
    return bool(char) and unicodedata.category(char) == "Lo"


_PAGE_ENDS = (
    ("", "— {page} —", "", "{title}", ""),
    ("第 {page} 页 共 9 页",),
    ("P. {page}", "Page {next} - {title}"),
)
_BARE_PAGE_ENDS = (*_PAGE_ENDS, ("", "{page}", ""), ("{page}", "{title}"))

STYLES: Mapping[str, TextStyle] = {
    style.name: style
    for style in (
        TextStyle("tab-rows", rows.tab_rows, damage=(listed, ascii_brackets)),
        TextStyle("tab-wrapped", rows.tab_wrapped, aliases=0.1, prints=(prints.stick_units,)),
        TextStyle("piped-cells", rows.piped_cells, traditional=True, damage=(ascii_brackets,)),
        TextStyle("indented-cells", rows.indented_cells, damage=(listed,)),
        TextStyle("plain-cells", rows.plain_cells, prints=(prints.fill_blanks("0"),), damage=(published,)),
        TextStyle(
            "spaced-rows",
            rows.spaced_rows,
            prints=(prints.fill_blanks("0"),),
            gap="\n\n",
            page_ends=(("", ""), ("", "{page}", "")),
            damage=(use_radicals, wrapped_prose),
        ),
        TextStyle(
            "numbers-below",
            rows.numbers_below,
            prints=(prints.fill_blanks("0"), prints.widen_digits),
            damage=(ordinal_commas,),
            page_ends=_PAGE_ENDS,
        ),
        TextStyle(
            "numbers-above",
            rows.numbers_above,
            prints=(prints.fill_blanks("/"), prints.word_signs, prints.group_thousands(",")),
            damage=(wrapped_prose,),
        ),
        TextStyle(
            "page-rows",
            rows.page_rows,
            prints=(prints.fill_blanks("0"), prints.group_thousands(",")),
            page_ends=_BARE_PAGE_ENDS,
            damage=(wrapped_prose,),
        ),
        TextStyle(
            "markdown-pieces",
            rows.markdown_pieces,
            prints=(prints.word_signs, prints.add_remarks, prints.stick_units),
            page_ends=_PAGE_ENDS,
            damage=(wrapped_prose,),
        ),
        TextStyle("dropped", rows.spaced_rows, recoverable=False, damage=(wrapped_prose,)),
        TextStyle("flat", rows.run_together, recoverable=False, one_line=True, damage=(published,)),
    )
}
"""Every style by name."""
