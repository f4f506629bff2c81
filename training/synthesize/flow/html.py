"""Drawn reports as web pages: encodings that headers misname, spans, Word's clutter, and the publishing page around."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Literal

from training.synthesize.alter import Alter
from training.synthesize.report import DrawnReport
from training.synthesize.shapes import ShapeCell, TableShape, shape_tables

Encoding = Literal["utf-8", "gb18030"]
Clutter = Literal["none", "word", "editor"]


@dataclass(frozen=True, slots=True)
class HtmlStyle:
    """How a web page differs from a plain one."""

    encoding: Encoding = "utf-8"
    declared: str | None = "utf-8"
    """The charset that the page names, true or not; None for none."""
    clutter: Clutter = "none"
    """Markup around every text: none, Word's export, or a web editor's."""
    publishing: bool = True
    """Navigation, breadcrumb, a table of metadata and a footer around the report."""
    layout_tables: bool = False
    """The whole page stands in tables, as old sites do it."""
    line_breaks: bool = False
    """Long labels are broken by hand."""
    odd_markup: bool = False
    """Upper-case tags, unclosed rows and cells, spans without quotes."""


def choose_style(seed: int) -> HtmlStyle:
    """Choose a style."""
    rng = random.Random(f"html {seed}")
    encoding: Encoding = rng.choice(["utf-8", "utf-8", "gb18030"])
    return HtmlStyle(
        encoding=encoding,
        declared=rng.choice([encoding, encoding, "gb2312", "utf-8", "iso-8859-1", None]),
        clutter=rng.choice(["none", "word", "editor"]),
        publishing=rng.random() < 0.8,
        layout_tables=rng.random() < 0.3,
        line_breaks=rng.random() < 0.4,
        odd_markup=rng.random() < 0.25,
    )


def write_html(
    report: DrawnReport, style: HtmlStyle, seed: int, *, aliases: float = 0.15, alter: Alter | None = None
) -> bytes:
    """Write the report; the same report, style and seed give the same bytes. `alter` changes each table first."""
    rng = random.Random(f"html {seed}")
    tables = shape_tables(report, seed=seed, aliases=aliases)
    shapes = {shape.id: alter(shape) if alter else shape for shape in tables}
    article = "\n".join(_article(report, shapes, style, rng))
    body = _published(report, article, style, rng) if style.publishing else article
    if style.layout_tables:
        body = _in_tables(body)
    charset = (
        f'<meta http-equiv="Content-Type" content="text/html; charset={style.declared}">' if style.declared else ""
    )
    office = ' xmlns:o="urn:schemas-microsoft-com:office:office"' if style.clutter == "word" else ""
    page = (
        f"<!DOCTYPE html>\n<html{office}>\n<head>\n{charset}\n<title>{escape(report.title)}-{escape(report.agency)}"
        f"</title>\n{_head(style)}</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
    return page.encode(style.encoding)


def _head(style: HtmlStyle) -> str:
    script = "<script>var page = {total: 3, rows: [12, 7, 5]};</script>\n<style>td {font-size: 12px}</style>\n"
    if style.clutter != "word":
        return script
    return (
        script + "<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->\n"
    )


def _article(report: DrawnReport, shapes: dict[str, TableShape], style: HtmlStyle, rng: random.Random) -> Iterator[str]:
    yield f"<h1>{escape(report.title)}</h1>" if rng.random() < 0.5 else _paragraph(report.title, style, rng)
    yield from (_paragraph(text, style, rng) for text in report.preamble)
    for name, section in report.sections.items():
        yield _paragraph(section.title, style, rng, bold=True)
        yield from (_paragraph(text, style, rng) for text in section.paragraphs)
        if name in shapes:
            yield _table(shapes[name], style, rng)
            yield "<p>&nbsp;</p>"


def _paragraph(text: str, style: HtmlStyle, rng: random.Random, *, bold: bool = False) -> str:
    return f"<p>{_inline(text, style, rng, bold=bold)}</p>"


def _inline(text: str, style: HtmlStyle, rng: random.Random, *, bold: bool = False) -> str:
    """The text with the markup that its editor left."""
    parts = [escape(part) for part in _cut(text, rng)] if style.clutter != "none" else [escape(text)]
    if style.clutter == "word":
        spans = [f'<span style="font-size:9.0pt;font-family:宋体" lang="EN-US">{part}</span>' for part in parts]
        inner = "".join(spans) + "<o:p></o:p>"
    elif style.clutter == "editor":
        inner = "".join(
            f'<span style="font-family: 微软雅黑;"><font face="方正仿宋_GBK">{part}</font></span>' for part in parts
        )
    else:
        inner = parts[0] if parts else ""
    return f"<strong>{inner}</strong>" if bold else inner


def _cut(text: str, rng: random.Random) -> list[str]:
    if len(text) < 4 or rng.random() < 0.6:
        return [text]
    at = rng.randrange(1, len(text) - 1)
    return [text[:at], text[at:]]


def _table(shape: TableShape, style: HtmlStyle, rng: random.Random) -> str:
    rows: list[list[ShapeCell]] = [[] for _ in range(shape.rows)]
    for cell in shape.cells:
        rows[cell.row].append(cell)
    lines = []
    for cells in rows:
        inner = "".join(_cell(cell, style, rng) for cell in sorted(cells, key=lambda cell: cell.column))
        lines.append(f"<TR>{inner}" if style.odd_markup else f"<tr>{inner}</tr>")
    attributes = 'class="MsoTableGrid" border="1"' if style.clutter == "word" else 'border="1" cellspacing="0"'
    body = "\n".join(lines)
    return (
        f"<TABLE {attributes}>\n{body}\n</TABLE>"
        if style.odd_markup
        else f"<table {attributes}><tbody>\n{body}\n</tbody></table>"
    )


def _cell(cell: ShapeCell, style: HtmlStyle, rng: random.Random) -> str:
    quote = "" if style.odd_markup else '"'
    spans = "".join(
        f" {name}={quote}{span}{quote}"
        for name, span in (("colspan", cell.column_span), ("rowspan", cell.row_span))
        if span > 1
    )
    comment = "<!-- 0 -->" if rng.random() < 0.02 else ""
    inner = comment + _cell_text(cell, style, rng)
    return f"<TD{spans} nowrap>{inner}" if style.odd_markup else f"<td{spans}>{inner}</td>"


def _cell_text(cell: ShapeCell, style: HtmlStyle, rng: random.Random) -> str:
    if not cell.text:
        return rng.choice(["&nbsp;", "", "<p>&nbsp;</p>", "<br>"])
    if style.line_breaks and cell.role != "value" and len(cell.text) > 5:
        size = rng.choice([4, 6, 10])
        parts = [cell.text[at : at + size] for at in range(0, len(cell.text), size)]
        return "<br />".join(_inline(part, style, rng) for part in parts)
    inner = _inline(cell.text, style, rng)
    if style.clutter == "none":
        return inner
    name = "MsoNormal" if style.clutter == "word" else ""
    return f'\n<p class="{name}" align="center" style="line-height: 2;">{inner}</p>\n'


def _published(report: DrawnReport, article: str, style: HtmlStyle, rng: random.Random) -> str:
    """The publishing page: what stands around a report on an agency's site, with numbers of its own."""
    date = f"{report.year + 1}-01-{rng.randrange(10, 31)}"
    number = f"{rng.randrange(10**8, 10**9)}/{report.year + 1}-{rng.randrange(100):05d}"
    agency, title = escape(report.agency), escape(report.title)
    links = "".join(
        f"<li><a href='/c{item}'>{name}</a></li>"
        for item, name in enumerate(["首页", "政务公开", "办事服务", "互动交流", "专题专栏"])
    )
    meta = (
        f'<table class="table_content"><tr><td>名称</td><td colspan="3">{title}</td></tr>'
        f"<tr><td>索引号</td><td>{number}</td><td>分类</td><td>信息公开年报</td></tr>"
        f"<tr><td>发布机构</td><td>{agency}</td><td>公开日期</td><td>{date}</td></tr></table>"
    )
    return (
        f"<!-- header begin --><div class='nav'><ul>{links}</ul></div>\n"
        f"<div class='crumb'>当前位置：<a href='/'>首页</a> &gt; 政务公开 &gt; 政府信息公开年报</div>\n{meta}\n"
        f"<div class='info'>来源：{agency} 发布时间：{date} "
        f"浏览次数：{rng.randrange(30, 4000)} 次 【字体：大 中 小】</div>\n"
        f"<!-- 二、{rng.randrange(9)} --><div id='zoom'>\n{article}\n</div>\n"
        "<div class='attach'>附件下载</div>\n<div class='share'>打印 关闭 分享到：微信 微博</div>\n"
        f"<div class='footer'>主办：{agency} 备案号：{rng.randrange(10**7, 10**8)}号 "
        f"网站标识码：{rng.randrange(10**9, 10**10)} "
        f"联系电话：{rng.randrange(10**6, 10**7)}</div><!-- footer end -->"
    )


def _in_tables(body: str) -> str:
    """The page in an old site's tables: a side column with links, the report in the other."""
    side = "<table><tr><td>政策文件</td></tr><tr><td>年度报告</td></tr><tr><td>依申请公开</td></tr></table>"
    return (
        "<table width='1000' border='0'><tr><td width='200' valign='top'>"
        f"{side}</td><td><table width='100%'><tr><td>{body}</td></tr></table></td></tr></table>"
    )
