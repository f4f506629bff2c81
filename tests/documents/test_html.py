from __future__ import annotations

import time
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.documents.flow import Flow
from service.documents.html import read_html
from service.documents.model import Grid, Paragraph

REPORTS = Path(__file__).resolve().parents[3] / "shared" / "reports"
PROSE = "本机关依照条例的规定，做好主动公开和依申请公开的各项工作，现将有关情况报告如下。" * 3
DATA = "<table><tr><td>信息内容<td>件数</td></tr><tr><td>规章<td>3</tr><tr><td>文件<td>12</table>"
DRAWN = [["信息内容", "件数"], ["规章", "3"], ["文件", "12"]]


def read(text: str) -> Flow:
    return read_html(text.encode())


def texts(flow: Flow) -> list[str]:
    return [block.text for block in flow.blocks if isinstance(block, Paragraph)]


def drawn(block: object) -> list[list[str]]:
    """The text at every position of a row up to its last cell; fails where two cells or none claim one before it."""
    assert isinstance(block, Grid)
    found: dict[tuple[int, int], str] = {}
    for part in block.cells:
        for line in range(part.row, part.row + part.row_span):
            for column in range(part.column, part.column + part.column_span):
                assert (line, column) not in found
                found[line, column] = part.text
    rows = [
        [found[line, column] for column in range(block.columns) if (line, column) in found]
        for line in range(block.rows)
    ]
    assert found.keys() == {(line, column) for line, row in enumerate(rows) for column in range(len(row))}
    return rows


def grids(flow: Flow) -> list[list[list[str]]]:
    return [drawn(block) for block in flow.blocks if isinstance(block, Grid)]


@pytest.mark.parametrize("actual", ["utf-8", "gb18030", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("claimed", ["utf-8", "gb2312", "iso-8859-1", "no-such"])
def test_encoding_is_that_of_the_bytes(actual: str, claimed: str) -> None:
    page = f'<?xml version="1.0" encoding="{claimed}"?><html><head><meta charset="{claimed}"></head><p>年度报告'
    assert texts(read_html(page.encode(actual))) == ["年度报告"]


def test_reading_order_and_places() -> None:
    flow = read(f"<p>甲</p>{DATA}<p>乙</p>{DATA}")
    assert [type(block) for block in flow.blocks] == [Paragraph, Grid, Paragraph, Grid]
    first, second = (block for block in flow.blocks if isinstance(block, Grid))
    assert first.cells[3].place.cell == "T1R2C2"
    assert second.cells[0].place.cell == "T2R1C1"
    assert first.kind == "markup"
    assert grids(flow) == [DRAWN, DRAWN]


def test_spans() -> None:
    page = (
        '<table><tr><td rowspan="2">甲<td colspan=" 2">乙<tr><td>丙<td>丁'
        '<tr><td rowspan="0">戊<td colspan="99999">己<tr><td colspan="x">庚<td rowspan="-1">辛</table>'
    )
    assert grids(read(page)) == [[["甲", "乙", "乙"], ["甲", "丙", "丁"], ["戊", "己", "己"], ["戊", "庚", "辛"]]]


def test_a_span_goes_on_below_the_head_of_a_table_that_is_ragged_otherwise() -> None:
    head = "<thead><tr><td rowspan=2>项<td colspan=2>申请人</tr></thead>"
    page = f"<table>{head}<tbody><tr><td>自然人<td>总计</tr><tr><td>规章<td>1<td>2</tr></table>"
    assert grids(read(page)) == [[["项", "申请人", "申请人"], ["项", "自然人", "总计"], ["规章", "1", "2"]]]


def test_row_groups() -> None:
    page = (
        "<table><tfoot><tr><td>尾<td>9</tr></tfoot><thead><tr><td rowspan=5>头<td>1</tr></thead>"
        "<tbody><tr><td rowspan=0>身<td>2</tr><tr><td>3</tr></tbody><tr><td>后<td>4</table>"
    )
    assert grids(read(page)) == [[["头", "1"], ["身", "2"], ["身", "3"], ["后", "4"], ["尾", "9"]]]


def test_text_of_cells() -> None:
    page = (
        "<table><tr><td> 结果<br/>维持 <td><p>科研</p>\n<p>机构</p><td>&nbsp;<td>　0&nbsp;</tr>"
        "<tr><td>1<!-- 2 -->3<td><span>5\u200b</span><o:p></o:p><td>&lt;\n\t2<td>4<sup>1</sup></table>"
    )
    assert grids(read(page)) == [[["结果\n维持", "科研\n机构", "", "0"], ["13", "5", "< 2", "4^1"]]]


@pytest.mark.parametrize("next_page", ["", "<!DOCTYPE html><html><head><title>x</title></head><body>"])
def test_what_follows_the_end_of_a_page_is_read(next_page: str) -> None:
    page = f"<html><body><p>一</p></body></html>{next_page}<p>二</p>{DATA}</BODY ></HTML>"
    flow = read(page)
    assert texts(flow) == ["一", "二"]
    assert grids(flow) == [DRAWN]


def test_badly_closed_table() -> None:
    page = "<table><td>甲<td>1<tr>乙<td>2</td></td></tr></tr><tr><form><td>丙</form><td>3</table></table><p>完"
    flow = read(page)
    assert grids(flow)[0][0] == ["甲", "1"]
    assert grids(flow)[0][-1] == ["丙", "3"]
    assert texts(flow)[-1] == "完"


def test_no_cells_behind_the_last_of_a_row() -> None:
    """A heading that spans a column too much makes no empty cells below it; nor does a row without its first cell."""
    page = "<table><tr><td>甲<td colspan=2>乙<tr><td>丙<td>1<tr><td>2<tr><td rowspan=2>丁<td>3<td>4<tr><td>5</table>"
    assert grids(read(page))[0] == [["甲", "乙", "乙"], ["丙", "1"], ["2"], ["丁", "3", "4"], ["丁", "5"]]


def test_layout_tables_vanish() -> None:
    page = f"<table><tr><td><table><tr><td><p>一、总体情况<p>{PROSE}{DATA}</table><tr><td>完</table>"
    flow = read(page)
    assert texts(flow) == ["一、总体情况", PROSE, "完"]
    assert grids(flow) == [DRAWN]


def test_report_written_into_a_table() -> None:
    page = f"<table><tr><td>一、总体情况<td>{PROSE * 2}<tr><td>二、主动公开<td>{DATA}<tr><td>六、其他<td>无。</table>"
    flow = read(page)
    assert texts(flow) == ["一、总体情况", PROSE * 2, "二、主动公开", "六、其他", "无。"]
    assert grids(flow) == [DRAWN]


def test_side_column_of_links_vanishes() -> None:
    side = "".join(f'<a href="/{number}">栏目名称{number}</a><br>' for number in range(6))
    flow = read(f"<table><tr><td>{side}<td><p>{PROSE}{DATA}</table>")
    assert texts(flow) == [PROSE]
    assert grids(flow) == [DRAWN]


def test_table_in_a_cell_of_a_filled_table() -> None:
    rows = "".join(f"<tr><td>第{number}行的名称<td>1<td>2<td>3" for number in range(4))
    flow = read(f"<table>{rows}<tr><td>末行<td>4<td><table><tr><td>7<td>8</table><td>6</table>")
    outer, nested = grids(flow)
    assert outer[4] == ["末行", "4", "7\t8", "6"]
    assert nested == [["7", "8"]]


def test_what_is_not_shown() -> None:
    page = (
        "<p>见<span style='display: none'>不见</span><span hidden>不见</span><del>旧</del><s>1</s></p>"
        "<script>var a='<p>不</p>'</script><style>p{}</style><noscript>不</noscript><div style='visibility:hidden'>不"
        "</div><p>也<!--[if gte mso 9]><xml><w:x>不</w:x></xml><![endif]-->见<![if !supportLists]>了<![endif]>"
        "<template>不</template><select><option>不</select>"
        "<ruby>字<rp>(</rp><rt>zi</rt><rp>)</rp></ruby>"
    )
    assert texts(read(page)) == ["见", "也见了字"]


def test_article_hidden_until_a_script_shows_it() -> None:
    assert texts(read(f"<div id=app style='display:none'><p>{PROSE}</p></div><p>请稍候")) == [PROSE, "请稍候"]


NAVIGATION = (
    "<div class=top><ul>" + "".join(f"<li><a href='/{n}'>栏目{n}</a>" for n in range(8)) + "</ul></div>"
    "<div class=where>位置：<a href='/'>首页</a> &gt; <a href='/a'>公开</a> &gt; <a href='/b'>年报</a></div>"
)
FOOT = "<div><p>主办单位：某某办公室</p><p>备案号 12345678</p></div>"


def test_site_around_the_article_is_left_out() -> None:
    page = (
        f"<html><head><title>某局2021年度报告_某市</title></head><body>{NAVIGATION}<h1>某局2021年度报告</h1>"
        f"<div id=zoom><p>{PROSE}</p><p>{PROSE}</p>{DATA}<p>六、其他</p><p>无。</p></div>{FOOT}</body>"
    )
    flow = read(page)
    assert texts(flow) == [PROSE, PROSE, "六、其他", "无。"]
    assert flow.title == "某局2021年度报告"


def test_title_above_the_text_stays() -> None:
    article = f"<div>某局年报</div><div>2022-01-20</div><div><p>{PROSE}</p><p>{PROSE}</p></div>"
    assert texts(read(f"{NAVIGATION}<div>{article}</div>{FOOT}")) == ["某局年报", "2022-01-20", PROSE, PROSE]


def test_text_of_weight_outside_stays() -> None:
    page = f"<div><p>{PROSE}</p></div><div><p>三、{PROSE}</p></div><div>{DATA}</div>"
    assert texts(read(page)) == [PROSE, "三、" + PROSE]
    assert grids(read(page)) == [DRAWN]


def test_publishing_table_stays_with_the_article() -> None:
    meta = "<table><tr><td>索引号<td>1/2022<tr><td>日期<td>2022-01-20</table>"
    flow = read(f"<body>{NAVIGATION}<div>{meta}</div><div><p>{PROSE}</p>{DATA}</div>{FOOT}")
    assert grids(flow) == [[["索引号", "1/2022"], ["日期", "2022-01-20"]], DRAWN]


def test_short_page_keeps_its_text() -> None:
    assert texts(read(f"{NAVIGATION}<h1>404</h1><p>页面不存在</p>")) == ["404", "页面不存在"]
    assert read("").blocks == read("<!-- -->").blocks == read("   ").blocks == ()


def test_prose_with_links_and_anchors_stays() -> None:
    prose = f"<p>{PROSE}，见<a href='x'>附件</a>和<a href='y'>网站</a>。</p>"
    flow = read(
        f"<a name=t1>一、总体情况</a>{prose}<p><a href='z'>附件一</a></p><p>二、公开</p><a name=t3>三、收到</a>"
    )
    assert texts(flow) == ["一、总体情况", f"{PROSE}，见附件和网站。", "附件一", "二、公开", "三、收到"]


def test_links_below_the_article_vanish() -> None:
    tail = "<p>上一篇：<a href='a'>某局2020年度报告</a></p><p>下一篇：<a href='b'>没有了</a></p><p>扫一扫</p>"
    assert texts(read(f"<p>{PROSE}</p><p>无。</p>{tail}")) == [PROSE, "无。"]
    assert texts(read(f"<p>{PROSE}</p><p>无。</p><p>见<a href='a'>附件</a></p><p>某局</p><p>某日</p>"))[-2:] == [
        "某局",
        "某日",
    ]


def test_link_that_is_never_closed() -> None:
    flow = read(f"<div><a href='x'>附件<p>{PROSE}</p><p>{PROSE}</p>{DATA}</div>")
    assert texts(flow)[-2:] == [PROSE, PROSE]
    assert grids(flow) == [DRAWN]


def test_contents_of_links_vanish() -> None:
    contents = "".join(f"<p><a href='#{n}'>{n}、章节名</a></p>" for n in range(6))
    assert texts(read(f"{contents}<p>一、总体情况</p><p>{PROSE}</p>")) == ["一、总体情况", PROSE]


def test_blocks_and_boxes() -> None:
    page = "<div><div>规章</div><div>3</div><div><span>文</span><span>件</span></div></div>甲<br>乙<h2>丙</h2>丁"
    assert texts(read(page)) == ["规章", "3", "文件", "甲", "乙", "丙", "丁"]
    row = "<div><span style='display:inline-block'>5</span><span style='float:left'>3</span></div>"
    assert texts(read(row)) == ["5 3"]
    assert texts(read("<span style='display:block'>5</span><span style='display:block'>3</span>")) == ["5", "3"]


def test_numbers_of_ordered_lists() -> None:
    page = (
        "<ol><li>甲<li><p>乙</p><li value=7>丙</ol><ol start=3 style='list-style-type: cjk-ideographic'><li>丁</ol>"
        "<ol style='list-style: none'><li>戊</ol><ol type=A><li>己<li>2、庚</ol><ul><li>辛</ul><ol><li></ol>壬"
    )
    assert texts(read(page)) == ["1. 甲", "2. 乙", "7. 丙", "三、丁", "戊", "A. 己", "2、庚", "辛", "壬"]


def test_preformatted_text_keeps_its_columns() -> None:
    assert texts(read("<pre>规章\t 3  4\n\n文件\t <b>5</b>\n</pre><p>a  b")) == ["规章\t 3  4", "文件\t 5", "a b"]


def test_text_field_in_a_cell_holds_the_cells_number_and_one_outside_is_for_visitors() -> None:
    flow = read("<table><tr><td>规章<td><textarea>75</textarea></table><p>请留言<textarea>您的意见</textarea>")
    assert grids(flow) == [[["规章", "75"]]]
    assert texts(flow) == ["请留言"]


@pytest.mark.parametrize(
    "page",
    [
        "<p>首页</p><textarea style='display:none'>{escaped}</textarea>",
        "<script type='text/template'>{plain}</script><p>首页</p>",
        '<input type="hidden" value="{escaped}">',
        "<div>{escaped}</div>",
    ],
)
def test_markup_that_a_page_holds_as_text_is_read_where_it_has_no_table_of_its_own(page: str) -> None:
    body = page.format(plain=f"<p>一、总体情况</p>{DATA}", escaped=escape(f"<p>一、总体情况</p>{DATA}"))
    assert texts(read(body)) == ["一、总体情况"]
    assert grids(read(body)) == [DRAWN]
    other = "<table><tr><td>规章<td>8</tr><tr><td>文件<td>9</table>"
    assert grids(read(other + body)) == [[["规章", "8"], ["文件", "9"]]]


def test_a_table_written_twice_for_screens_of_two_widths_is_one() -> None:
    tall = DATA.replace("</table>", "<tr><td>其他<td>5</table>")
    assert grids(read(f"<div class=wide>{tall}</div><div class=narrow>{tall}</div>")) == [[*DRAWN, ["其他", "5"]]]
    assert len(grids(read(tall + tall.replace("5", "6")))) == 2
    assert len(grids(read(f"{tall}<p>行政诉讼</p>{tall}"))) == 2


def test_values_in_form_fields_and_pictures() -> None:
    page = "<table><tr><td>规章<td><input value=7><td><input type=hidden value=8>"
    page += "<td><img src=a.png><td><img width=1 src=b>"
    (grid,) = read(page).blocks
    assert isinstance(grid, Grid)
    assert [cell.text for cell in grid.cells] == ["规章", "7", "", "", ""]
    assert [cell.confidence for cell in grid.cells] == [1, 1, 1, 0, 1]


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<title> 年报 - 某局 </title><h1>某局</h1><h1>某市</h1>", "某局"),
        ("<title>年报</title><h1>某市人民政府</h1>", "年报"),
        ("<h1>年&nbsp;报</h1>", "年 报"),
        ("<meta name=ArticleTitle content='某局年报'><title>x</title>", "某局年报"),
        ("<p>x", None),
    ],
)
def test_title(page: str, title: str | None) -> None:
    assert read(page).title == title


@pytest.mark.parametrize(
    "page",
    [
        "<font>" * 500 + "甲",
        "<table><tr><td>" * 500 + "甲",
        "<i><a href=x>" * 500 + "甲" * 250,
        "<div style='display:none'>" * 1500 + "甲",
        "<table>" + "<tr><td rowspan=65534 colspan=1000>甲<td>1" * 200,
        "<sup>" * 2000 + "1甲",
        "<h1>" * 2000 + "甲",
    ],
)
def test_hostile_pages_end(page: str) -> None:
    start = time.perf_counter()
    flow = read(page)
    assert time.perf_counter() - start < 3
    assert "甲" in "".join(texts(flow)) + str(grids(flow))


WORDS = st.sampled_from(
    ["甲", "7", "<td>", "<tr>", "</td>", "</tr>", "<table>", "</table>", "<td rowspan=2>", "<p>", "<br>"]
)
MORE = st.sampled_from(
    ["<td colspan=3>", "<th rowspan=0>", "<tbody>", "</div>", "<div>", "<a href=x>", "</a>", "<!--", "-->"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS | MORE, max_size=40))
def test_any_markup_gives_whole_grids(words: list[str]) -> None:
    for block in read("<table><tr><td>" + "".join(words)).blocks:
        if isinstance(block, Grid):
            drawn(block)


@pytest.mark.skipif(not REPORTS.is_dir(), reason="the real reports are not here")
@pytest.mark.parametrize(
    ("name", "shapes", "cells"),
    [
        ("shanghai_office_2019", [(18, 5), (26, 10), (4, 15)], {(1, 3, 3): "821", (1, 24, 9): "805", (2, 3, 9): "9"}),
        ("shuyang_fgj_2023", [(3, 4), (14, 4), (28, 10), (4, 15)], {(1, 3, 3): "18", (2, 3, 9): "26", (3, 3, 4): "1"}),
    ],
)
def test_real_pages(name: str, shapes: list[tuple[int, int]], cells: dict[tuple[int, int, int], str]) -> None:
    data = (REPORTS / f"{name}.html").read_bytes()
    start = time.perf_counter()
    tables = grids(read_html(data))
    assert time.perf_counter() - start < 0.5
    assert [(len(table), len(table[0])) for table in tables] == shapes
    assert {key: tables[key[0]][key[1]][key[2]] for key in cells} == cells
    assert grids(read_html(data.decode().encode("gb18030"))) == tables
