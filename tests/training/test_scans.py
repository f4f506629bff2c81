"""Written scans and PDFs hold what was drawn, and the command line writes them."""

from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from training.synthesize.__main__ import main
from training.synthesize.draw import draw_page
from training.synthesize.invent import invent_report, read_truth
from training.synthesize.layout import lay_out
from training.synthesize.pages import DrawnPage, Stroke
from training.synthesize.pdf import image_tiff, text_pdf
from training.synthesize.places import corners_on_scan, truth_boxes
from training.synthesize.scans import scan_case, scan_report, write_scans
from training.synthesize.style import choose_style


def test_a_stroke_is_drawn_where_it_stands() -> None:
    picture = draw_page(DrawnPage(72, 144, strokes=(Stroke(18, 36, 54, 36, 2.0),)), 100)
    assert picture.shape == (200, 100, 3)
    rows, columns = np.nonzero(picture[..., 0] < 128)
    assert (rows.min(), rows.max()) == (49, 50)
    assert abs(columns.min() - 25) <= 1 and abs(columns.max() - 74) <= 1


def test_the_text_pdf_has_every_number_in_its_cell() -> None:
    report = invent_report(21)
    pages = lay_out(report, 21, style=choose_style(21, hard=0, embeddable=True))
    document = pypdfium2.PdfDocument(text_pdf(pages, report.title))
    assert len(document) == len(pages)
    for number, page in enumerate(pages):
        text = document[number].get_textpage()
        for cell in page.cells:
            if cell.field and cell.holds_text:
                box = cell.box
                bounds = (box.x0, page.height - box.y1, box.x1, page.height - box.y0)
                assert text.get_text_bounded(*bounds).strip() == cell.text


def test_a_face_without_outlines_is_rejected() -> None:
    pages = lay_out(invent_report(1), 1, style=choose_style(1, embeddable=True))
    glyph = next(glyph for page in pages for glyph in page.glyphs)
    odd = DrawnPage(100, 100, (type(glyph)("一", 10, 20, 10, "noto-sans"),))
    with pytest.raises(ValueError, match="cannot be embedded"):
        text_pdf([odd])


def test_scans_repeat_and_have_a_page_each(tmp_path: Path) -> None:
    report = invent_report(2)
    scanned = scan_report(report, "copy", 2)
    assert len(scanned.scans) == len(scanned.pages)
    assert scan_report(report, "copy", 2).scans[0].encoded == scanned.scans[0].encoded
    (tmp_path / "a.tiff").write_bytes(image_tiff(scanned.scans))
    with Image.open(tmp_path / "a.tiff") as tiff:
        assert getattr(tiff, "n_frames", 1) == len(scanned.pages)


def test_command_line_redraws_truth_as_scans(tmp_path: Path) -> None:
    report = invent_report(30)
    report.write_truth(tmp_path / "given.truth.json")
    given = str(tmp_path / "given.truth.json")
    words = ["--quality", "copy", "--seed", "3", "--truth-boxes", "--out", str(tmp_path / "out")]
    main(["scans", "--truth", given, *words])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "given.copy.boxes.json",
        "given.copy.pdf",
        "given.truth.json",
    ]
    assert read_truth(tmp_path / "out" / "given.truth.json")["values"] == dict(report.values)
    assert len(pypdfium2.PdfDocument(tmp_path / "out" / "given.copy.pdf")) >= 2


def test_turned_pages_and_single_pictures(tmp_path: Path) -> None:
    scanned = scan_report(invent_report(2), "clean", 3, turned=1)
    assert any(scan.transform[0] < 0.5 for scan in scanned.scans), "no page is upright"
    paths = write_scans(scanned, "x", tmp_path, "pictures")
    assert [path.name for path in paths] == [f"x.clean.p{page}.jpg" for page in range(1, len(scanned.pages) + 1)]
    (tiff,) = write_scans(scanned, "x", tmp_path, "tiff")
    assert tiff.name == "x.clean.tiff" and tiff.stat().st_size > 100_000


def test_true_places_are_where_the_ink_is() -> None:
    report, scanned = scan_case("plain", "clean", 4, "train", tables_only=True)
    seen = dict[str, str]()
    for page, scan in zip(scanned.pages, scanned.scans, strict=True):
        truth, picture = truth_boxes(page, scan), scan.picture()
        assert (truth["width"], truth["height"]) == (picture.shape[1], picture.shape[0])
        for cell in truth["cells"]:
            (x0, y0), _, (x1, y1), _ = cell["corners"]
            inside = picture[round(y0) + 6 : round(y1) - 5, round(x0) + 6 : round(x1) - 5, 1]
            if cell["field"] and cell["holds_text"]:
                assert inside.min() < 128
                seen[cell["field"]] = cell["text"]
        for character in truth["characters"]:
            (x0, y0), _, (x1, y1), _ = character["corners"]
            assert picture[int(y0) : int(y1) + 2, int(x0) : int(x1) + 2].min() < 170, character
    assert seen == {name: text for name, text in report.printed.items() if text}
    page = DrawnPage(100, 100)
    assert corners_on_scan([], page, scanned.scans[0]).shape == (0, 4, 2)


def test_a_contact_sheet_that_is_no_picture_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sheet", "--out", "sheet.txt"])
    assert "a sheet is a .png or .jpg file" in capsys.readouterr().err


def test_command_line_draws_a_contact_sheet(tmp_path: Path) -> None:
    sheet = str(tmp_path / "new" / "sheet.png")
    main(["sheet", "--quality", "clean", "--cells", "--height", "300", "--out", sheet])
    with Image.open(sheet) as picture:
        assert picture.height >= 300
    main(
        [
            "sheet",
            "--quality",
            "clean",
            "--case",
            "page-break,wrapped",
            "--tables-only",
            "--height",
            "300",
            "--out",
            sheet,
        ]
    )
    with Image.open(sheet) as picture:
        assert picture.height >= 600, "a row for each case"


def test_unknown_qualities_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["sheet", "--quality", "fax", "--out", str(tmp_path / "sheet.png")])
    with pytest.raises(SystemExit):
        main(["sheet", "--case", "upside-down", "--out", str(tmp_path / "sheet.png")])
