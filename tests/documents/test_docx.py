from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest

from service.documents.container import Container
from service.documents.docx import read_docx
from service.documents.flow import Flow
from service.documents.model import Cell, Grid, Paragraph
from service.documents.numbering import format_number
from service.errors import DamagedFile
from service.limits import Limits

REPORTS = Path(__file__).resolve().parents[3] / "shared" / "reports"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPACES = (
    f'xmlns:w="{W}" xmlns:r="{R}" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def docx(body: str, **parts: str | bytes) -> bytes:
    """A DOCX of a body's XML and further parts, named with __ for / and _ for the last dot."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document {SPACES}><w:body>{body}</w:body></w:document>")
        for name, data in parts.items():
            path, _, ending = name.replace("__", "/").rpartition("_")
            archive.writestr(f"{path}.{ending}", data)
    return target.getvalue()


def read(body: str, **parts: str | bytes) -> Flow:
    return read_docx(Container(docx(body, **parts), Limits()))


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(content: str, properties: str = "") -> str:
    content = content if content.startswith("<") else run(content)
    return f"<w:p><w:pPr>{properties}</w:pPr>{content}</w:p>"


def cell(content: str = "", properties: str = "") -> str:
    inner = content if content.startswith("<") else paragraph(content)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(c if c.startswith('<') else cell(c) for c in cells)}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def span(columns: int) -> str:
    return f'<w:gridSpan w:val="{columns}"/>'


def texts(flow: Flow) -> list[str]:
    return [block.text for block in flow.blocks if isinstance(block, Paragraph)]


def grids(flow: Flow) -> list[Grid]:
    return [block for block in flow.blocks if isinstance(block, Grid)]


def drawn(grid: Grid) -> list[list[str]]:
    """The text at every position of a row up to its last cell; fails where two cells or none claim one before it."""
    found: dict[tuple[int, int], str] = {}
    for part in grid.cells:
        for line in range(part.row, part.row + part.row_span):
            for column in range(part.column, part.column + part.column_span):
                assert (line, column) not in found
                found[line, column] = part.text
    rows = [
        [found[line, column] for column in range(grid.columns) if (line, column) in found] for line in range(grid.rows)
    ]
    assert found.keys() == {(line, column) for line, row in enumerate(rows) for column in range(len(row))}
    return rows


def test_reading_order_and_places() -> None:
    flow = read(
        paragraph("甲") + table(row("1", "2"), row("3", "")) + paragraph("") + paragraph("乙") + table(row("4", "5"))
    )
    first, grid, second, other = flow.blocks
    assert isinstance(first, Paragraph) and isinstance(second, Paragraph)
    assert isinstance(grid, Grid) and isinstance(other, Grid)
    assert (first.text, second.text) == ("甲", "乙")
    assert [part.place.cell for part in grid.cells] == ["T1R1C1", "T1R1C2", "T1R2C1", "T1R2C2"]
    assert other.cells[1] == Cell(0, 1, "5", other.cells[1].place)
    assert other.cells[1].place.cell == "T2R1C2"
    assert grid.kind == "markup"


def test_grid_spans_before_after_and_merges() -> None:
    restart, going_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    flow = read(
        table(
            row(cell("标题", span(4))),
            row(cell("组", restart), "一", cell("二", span(2))),
            row(cell("不可见", going_on), "三", "四", "五"),
            row(cell("六"), cell("七"), properties='<w:gridBefore w:val="1"/><w:gridAfter w:val="1"/>'),
            row("八"),
        )
    )
    assert drawn(grids(flow)[0]) == [
        ["标题", "标题", "标题", "标题"],
        ["组", "一", "二", "二"],
        ["组", "三", "四", "五"],
        ["", "六", "七"],
        ["八"],
    ]


def test_merges_that_continue_nothing() -> None:
    going_on = "<w:vMerge/>"
    flow = read(table(row(cell("甲", going_on), "乙"), row("丙", cell("丁", going_on)), row("戊", "己")))
    assert drawn(grids(flow)[0]) == [["甲", "乙"], ["丙", "丁"], ["戊", "己"]]


def test_two_merges_one_below_the_other() -> None:
    start, on = '<w:vMerge w:val="restart"/>', '<w:vMerge w:val="continue"/>'
    flow = read(
        table(*(row(cell(text, merge), "1") for text, merge in [("甲", start), ("", on), ("乙", start), ("", on)]))
    )
    assert drawn(grids(flow)[0]) == [["甲", "1"], ["甲", "1"], ["乙", "1"], ["乙", "1"]]


def test_old_horizontal_merge() -> None:
    flow = read(
        table(row(cell("甲", '<w:hMerge w:val="restart"/>'), cell("", "<w:hMerge/>"), "乙"), row("1", "2", "3"))
    )
    assert drawn(grids(flow)[0]) == [["甲", "甲", "乙"], ["1", "2", "3"]]


def test_layout_table_vanishes() -> None:
    inner = table(row("规章", "1"), row("文件", "2"))
    flow = read(table(row(cell(paragraph("一、总体情况") + inner + paragraph("完")))))
    assert texts(flow) == ["一、总体情况", "完"]
    assert [drawn(grid) for grid in grids(flow)] == [[["规章", "1"], ["文件", "2"]]]
    assert [type(block) for block in flow.blocks] == [Paragraph, Grid, Paragraph]


def test_layout_table_with_rows_of_its_own() -> None:
    inner = table(*(row(f"第{number}行的名称很长很长", str(number)) for number in range(8)))
    flow = read(table(row("索引号", "123"), row("日期", "2022-01-01"), row(cell(inner + paragraph(""), span(2)))))
    assert [len(drawn(grid)) for grid in grids(flow)] == [2, 8]


def test_table_in_a_cell_of_a_filled_table() -> None:
    inner = table(row("7", "8"), row("9", "10")) + paragraph("")
    rows = [row(f"第{number}行的名称", "1", "2", "3") for number in range(4)]
    outer, nested = grids(read(table(*rows, row("末行", "4", cell(inner), "6"))))
    assert drawn(nested) == [["7", "8"], ["9", "10"]]
    # The outer cell is neither empty nor a number that it is not.
    assert drawn(outer)[4] == ["末行", "4", "7\t8\n9\t10", "6"]


def test_cell_framed_by_a_table_of_its_own() -> None:
    framed = cell(table(row("5")) + paragraph(""))
    assert drawn(grids(read(table(row("甲", framed), row("乙", "6"))))[0]) == [["甲", "5"], ["乙", "6"]]


def box(text: str) -> str:
    return f"<w:txbxContent>{paragraph(text)}</w:txbxContent>"


def test_text_box_is_read_once() -> None:
    both = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{box("框内")}</wps:txbx></w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{box('框内')}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    assert texts(read(paragraph(run("前") + both) + paragraph("后"))) == ["前", "框内", "后"]
    old = f"<w:r><w:pict><v:textbox>{box('旧框')}</v:textbox></w:pict></w:r>"
    assert drawn(grids(read(table(row(cell(paragraph(old)), "1"), row("2", "3"))))[0])[0] == ["旧框", "1"]


def test_tracked_changes_hidden_struck_and_notes() -> None:
    content = (
        run("本年")
        + f"<w:ins>{run('新收')}</w:ins>"
        + f"<w:del><w:r><w:delText>旧收</w:delText></w:r></w:del><w:moveFrom>{run('移走')}</w:moveFrom>"
        + run("隐藏", "<w:vanish/>")
        + run("12", "<w:strike/>")
        + run("13", '<w:strike w:val="0"/>')
        + "<w:r><w:footnoteReference w:id='1'/></w:r>"
        + '<w:r><w:endnoteReference w:customMarkFollows="1" w:id="2"/><w:t>*</w:t></w:r>'
        + "<w:commentRangeStart w:id='0'/><w:r><w:commentReference w:id='0'/></w:r>"
        + run("件")
    )
    assert texts(read(paragraph(content))) == ["本年新收13件"]


def test_deleted_and_hidden_rows() -> None:
    flow = read(
        table(
            row("1", "2"),
            row("x", "y", properties="<w:del/>"),
            row("x", "y", properties="<w:hidden/>"),
            row("3", "4", properties="<w:ins/>"),
        )
    )
    assert drawn(grids(flow)[0]) == [["1", "2"], ["3", "4"]]


def test_hidden_by_style() -> None:
    styles = (
        f'<w:styles xmlns:w="{W}"><w:style w:styleId="a"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:styleId="b"><w:basedOn w:val="a"/></w:style>'
        '<w:style w:styleId="loop"><w:basedOn w:val="loop"/></w:style></w:styles>'
    )
    content = (
        run("见") + run("不见", '<w:rStyle w:val="b"/>') + run("也见", '<w:rStyle w:val="b"/><w:vanish w:val="0"/>')
    )
    assert texts(read(paragraph(content + run("。", '<w:rStyle w:val="loop"/>')), word__styles_xml=styles)) == [
        "见也见。"
    ]


def test_breaks_tabs_symbols_and_invisible_characters() -> None:
    content = (
        "<w:r><w:t>一</w:t><w:tab/><w:t>二</w:t><w:br/><w:t>三</w:t><w:noBreakHyphen/><w:t>四\u200b\u00a0五</w:t>"
        '<w:sym w:font="Symbol" w:char="F035"/><w:sym w:font="Wingdings" w:char="F031"/><w:sym w:char="x"/></w:r>'
    )
    assert texts(read(paragraph(content))) == ["一\t二", "三-四 五5\uf031\ufffd"]
    assert drawn(grids(read(table(row(cell(paragraph(content)), "1"))))[0])[0][0].count("\n") == 1


def test_raised_number_is_not_a_digit() -> None:
    content = run("5") + run("1", '<w:vertAlign w:val="superscript"/>')
    assert texts(read(paragraph(content))) == ["5^1"]


def field(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def test_fields_give_their_result() -> None:
    code = "<w:r><w:instrText> =SUM(ABOVE) </w:instrText></w:r>"
    inner = field("begin") + run("内层代码") + field("separate") + run("内层结果") + field("end")
    content = field("begin") + code + inner + field("separate") + run("27") + field("end")
    assert texts(read(paragraph(content + run("件")))) == ["27件"]
    assert texts(read(paragraph(f"<w:fldSimple>{run('9')}</w:fldSimple>"))) == ["9"]
    # A field that never ends must not swallow the rest of the document.
    assert texts(read(paragraph(field("begin") + run("x")) + paragraph("后文"))) == ["后文"]


def test_white_space_of_the_xml_is_not_text() -> None:
    content = '<w:r><w:t>\n 本年\n新收 </w:t></w:r><w:r><w:t xml:space="preserve"> 件\t</w:t></w:r>'
    assert texts(read(paragraph(content))) == ["本年 新收 件 "]


def test_table_of_contents_is_left_out() -> None:
    styles = f'<w:styles xmlns:w="{W}"><w:style w:styleId="11"><w:name w:val="toc 1"/></w:style></w:styles>'
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    control = f"<w:sdt><w:sdtPr>{gallery}</w:sdtPr><w:sdtContent>{paragraph('一、总体情况 1')}</w:sdtContent></w:sdt>"
    line = paragraph("一、总体情况 1", '<w:pStyle w:val="11"/>')
    assert texts(read(control + line + paragraph("一、总体情况"), word__styles_xml=styles)) == ["一、总体情况"]


def test_content_controls() -> None:
    held = f"<w:sdt><w:sdtPr/><w:sdtContent>{run('7')}</w:sdtContent></w:sdt>"
    prompt = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('请输入')}</w:sdtContent></w:sdt>"
    wrapped = f"<w:sdt><w:sdtContent>{cell('8')}</w:sdtContent></w:sdt>"
    rows = f"<w:sdt><w:sdtContent>{row('乙', '9', '10')}</w:sdtContent></w:sdt>"
    flow = read(
        f"<w:sdt><w:sdtContent>{paragraph('块')}</w:sdtContent></w:sdt>"
        + table(row("甲", cell(paragraph(held)), wrapped), rows, row("丙", cell(paragraph(prompt)), ""))
    )
    assert texts(flow) == ["块"]
    assert drawn(grids(flow)[0]) == [["甲", "7", "8"], ["乙", "9", "10"], ["丙", "", ""]]


NUMBERING = f"""<w:numbering xmlns:w="{W}">
<w:abstractNum w:abstractNumId="0">
 <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="%1、"/></w:lvl>
 <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>
 <w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%3."/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="1">
 <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/><w:pStyle w:val="条"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="2">
 <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="\uf06c"/></w:lvl>
</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="1"/>
 <w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>
<w:num w:numId="4"><w:abstractNumId w:val="2"/></w:num>
</w:numbering>"""


def listed(text: str, number: int, level: int = 0) -> str:
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def test_automatic_numbers() -> None:
    body = (
        listed("总体情况", 1)
        + listed("主动公开", 1)
        + listed("甲", 1, 1)
        + listed("乙", 1, 1)
        + listed("丙", 1, 2)
        + listed("收到申请", 1)
        + listed("丁", 1, 1)
        + listed("点", 4)
        + listed("无", 0)
        + listed("缺", 99)
    )
    assert texts(read(body, word__numbering_xml=NUMBERING)) == [
        "一、总体情况",
        "二、主动公开",
        "（一）甲",
        "（二）乙",
        "2.1.丙",
        "三、收到申请",
        "（一）丁",
        "点",
        "无",
        "缺",
    ]


def test_automatic_numbers_in_cells_do_not_join_digits() -> None:
    rows = [row(cell(listed(text, 2)), "0") for text in ("属于国家秘密", "5", "")]
    (grid,) = grids(read(table(*rows) + listed("续", 3), word__numbering_xml=NUMBERING))
    assert [line[0] for line in drawn(grid)] == ["1.属于国家秘密", "2. 5", "3."]


def test_list_that_starts_anew() -> None:
    body = listed("甲", 2) + listed("乙", 3) + listed("丙", 3) + listed("丁", 2)
    assert texts(read(body, word__numbering_xml=NUMBERING)) == ["1.甲", "5.乙", "6.丙", "7.丁"]


def test_deleted_paragraph_is_not_counted() -> None:
    gone = f"<w:p><w:pPr>{{}}<w:rPr><w:del/></w:rPr></w:pPr><w:del>{run('删')}</w:del></w:p>"
    gone = gone.replace("{}", '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')
    assert texts(read(listed("甲", 1) + gone + listed("乙", 1), word__numbering_xml=NUMBERING)) == ["一、甲", "二、乙"]


def test_numbers_by_style() -> None:
    styles = (
        f'<w:styles xmlns:w="{W}"><w:style w:styleId="条"><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr>'
        '</w:style><w:style w:styleId="款"><w:basedOn w:val="条"/></w:style></w:styles>'
    )
    body = "".join(paragraph("x", f'<w:pStyle w:val="{style}"/>') for style in ("条", "款", "其他"))
    off = paragraph("y", '<w:pStyle w:val="条"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    flow = read(body + off, word__styles_xml=styles, word__numbering_xml=NUMBERING)
    assert texts(flow) == ["1. x", "2. x", "x", "y"]


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (10, "chineseCounting", "十"),
        (12, "chineseCountingThousand", "十二"),
        (20, "japaneseCounting", "二十"),
        (105, "chineseCountingThousand", "一百零五"),
        (110, "chineseCountingThousand", "一百一十"),
        (1005, "taiwaneseCountingThousand", "一千零五"),
        (10, "chineseLegalSimplified", "壹拾"),
        (3, "ideographTraditional", "丙"),
        (12, "ideographZodiac", "亥"),
        (20, "ideographDigital", "二○"),
        (3, "decimalEnclosedCircle", "③"),
        (21, "decimalEnclosedCircle", "21"),
        (2, "decimalEnclosedParen", "⑵"),
        (14, "upperRoman", "XIV"),
        (28, "lowerLetter", "bb"),
        (7, "decimalZero", "07"),
        (12, "decimalFullWidth", "１２"),
        (5, "none", ""),
        (5, "unheardOf", "5"),
    ],
)
def test_number_formats(value: int, style: str, text: str) -> None:
    assert format_number(value, style) == text


RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{R}/image" Target="media/a.png"/>'
    f'<Relationship Id="r2" Type="{R}/image" Target="/word/media/b.png"/>'
    f'<Relationship Id="r3" Type="{R}/image" Target="http://example.org/c.png" TargetMode="External"/></Relationships>'
)


def picture(identifier: str) -> str:
    return f'<w:r><w:drawing><a:blip r:embed="{identifier}"/></w:drawing></w:r>'


def test_document_of_pictures() -> None:
    parts: dict[str, str | bytes] = {
        "word___rels__document.xml_rels": RELATIONS,
        "word__media__a_png": PNG + b"a",
        "word__media__b_png": PNG + b"b",
    }
    scans = paragraph(picture("r2")) + table(row(cell(paragraph(picture("r1") + picture("r3")))))
    assert read(paragraph("扫描件") + scans, **parts).pictures == (PNG + b"b", PNG + b"a")
    assert read(paragraph("字" * 300) + scans, **parts).pictures == ()


def test_cell_with_a_picture_is_not_surely_empty() -> None:
    parts: dict[str, str | bytes] = {"word___rels__document.xml_rels": RELATIONS, "word__media__a_png": PNG}
    (grid,) = grids(read(table(row("甲", cell(paragraph(picture("r1"))), "")), **parts))
    assert [part.confidence for part in grid.cells] == [1.0, 0.0, 1.0]


@pytest.mark.parametrize("head", ["", 'MIME-Version: 1.0\nContent-Type: text/html; charset="utf-8"\n\n'])
def test_a_page_put_into_the_document(head: str) -> None:
    parts: dict[str, str | bytes] = {
        "word___rels__document.xml_rels": f'<R><Relationship Id="c" Type="{R}/aFChunk" Target="/word/c.html"/></R>',
        "word__c_html": f"{head}<html><body><p>规章</p><table><tr><td>1<td>2</table></body></html>",
    }
    flow = read(f'<w:altChunk r:id="c"/>{paragraph("下文")}<w:altChunk r:id="none"/>', **parts)
    assert texts(flow) == ["规章", "下文"]
    assert [[part.text for part in grid.cells] for grid in grids(flow)] == [["1", "2"]]


def test_title() -> None:
    core = '<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title> 年报 </dc:title></c>'
    assert read(paragraph("甲"), docProps__core_xml=core).title == "年报"
    assert read(paragraph("甲")).title is None


def test_strict_variant() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        space = "http://purl.oclc.org/ooxml/wordprocessingml/main"
        archive.writestr(
            "_rels/.rels",
            '<Relationships><Relationship Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"'
            ' Target="/w/main.xml"/></Relationships>',
        )
        body = table(row(cell("甲", span(2))), row("1", "2"))
        archive.writestr("w/main.xml", f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>')
    (grid,) = grids(read_docx(Container(target.getvalue(), Limits())))
    assert drawn(grid) == [["甲", "甲"], ["1", "2"]]


def test_broken() -> None:
    for data in (docx("</w:body>"), docx("").replace(b"w:body", b"w:nono")):
        with pytest.raises(DamagedFile):
            read_docx(Container(data, Limits()))
    with pytest.raises(DamagedFile, match="lacks its part"):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("a.txt", "a")
        read_docx(Container(target.getvalue(), Limits()))


def test_deep_nesting_ends() -> None:
    text = "甲"
    for _ in range(60):
        text = table(row(cell(text + "<w:p/>")))
    assert isinstance(read(text), Flow)
    deep = "<w:smartTag>" * 230 + run("乙") + "</w:smartTag>" * 230
    assert texts(read(paragraph(deep))) == ["乙"]


@pytest.mark.skipif(not REPORTS.is_dir(), reason="the real reports are not here")
def test_real_form() -> None:
    data = (REPORTS / "blank_template_2021.docx").read_bytes()
    start = time.perf_counter()
    flow = read_docx(Container(data, Limits()))
    assert time.perf_counter() - start < 0.5
    assert [(grid.rows, grid.columns) for grid in grids(flow)] == [(14, 4), (28, 10), (4, 15)]
    assert flow.pictures == ()
    second = drawn(grids(flow)[1])
    assert second[3][:3] == ["一、本年新收政府信息公开申请数量"] * 3
    assert second[26][0] == "三、本年度办理结果"
