"""The command line: what is written where, what is told, and with which status it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from openpyxl import load_workbook
from typer.testing import CliRunner

import service.documents
from service.cli import app
from service.cli import extract as command
from service.cli.files import make_folder, plan_inputs, protected, read_input, write_atomically
from service.cli.terminal import one_line
from service.documents.model import Document, Page
from service.errors import DamagedFile, GoujiError, LimitExceeded, MissingModel, OutputFailed, UnreadableInput
from service.forms.catalogue import load_forms
from service.limits import Limits
from service.results import Extraction
from service.worker import Extractor
from tests.api.fakes import scripted
from tests.built import DOUBTFUL, MISSING, VIOLATED, build


def by_content() -> Extractor:
    """`clean` is a clean report, `bug` and `damaged` go wrong, `text` has no pages, all else needs review."""

    def read(name: str, data: bytes) -> Extraction:
        if data == b"bug":
            raise ZeroDivisionError("of the machine")
        if data == b"damaged":
            raise DamagedFile("the file is cut off")
        return build(name, data, clean=data == b"clean", pages=0 if data == b"text" else 2)

    return read


@pytest.fixture(autouse=True)
def _pipeline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "pipeline", by_content)
    monkeypatch.chdir(tmp_path)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def extract(*arguments: str | Path) -> Result:
    return run("extract", *arguments)


def put(name: str, content: bytes = b"doubtful") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_one_file_is_one_json_document_on_standard_output() -> None:
    result = extract(put("年报 一.pdf"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert Extraction.model_validate_json(result.stdout) == build("年报 一.pdf", b"doubtful")
    assert "某市某局" in result.stdout


def test_several_files_are_one_json_object_a_line_in_their_order() -> None:
    result = extract(put("b.pdf"), put("a.pdf", b"clean"), put("c.pdf", b"damaged"), put("d.pdf"))
    assert result.exit_code == 2
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["source"]["name"] for line in lines] == ["b.pdf", "a.pdf", "d.pdf"]
    assert result.stderr == "gouji: c.pdf: the file is cut off\n"


def test_a_folder_gets_one_file_a_report_named_by_its_stem() -> None:
    result = extract(put("in/年报 一.scan.pdf"), put("in/b.docx", b"clean"), "--output-dir", "out/deep")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert sorted(path.name for path in Path("out/deep").iterdir()) == ["b.json", "年报 一.scan.json"]
    written = Extraction.model_validate_json(Path("out/deep/年报 一.scan.json").read_bytes())
    assert written == build("年报 一.scan.pdf", b"doubtful")


def test_the_file_and_standard_output_hold_the_same_json() -> None:
    path = put("a.pdf")
    extract(path, "--output-dir", "out")
    assert Path("out/a.json").read_bytes() == extract(path).stdout_bytes


def test_equal_stems_do_not_overwrite_each_other_and_it_is_told() -> None:
    paths = [put("x/a.pdf"), put("x/a.docx", b"clean"), put("y/a.docx"), put("y/A.PDF")]
    result = extract(*paths, "--output-dir", "out")
    names = {path.name: json.loads(path.read_bytes())["source"]["name"] for path in Path("out").iterdir()}
    assert names == {"a.json": "a.pdf", "a.docx.json": "a.docx", "a.docx-2.json": "a.docx", "A.PDF.json": "A.PDF"}
    assert result.stderr.splitlines()[0] == "gouji: x/a.docx: written as a.docx.json, for a.json is taken"


def test_a_result_never_replaces_an_input() -> None:
    path = put("a.json")
    assert extract(path, "--output-dir", ".").exit_code == 0
    assert path.read_bytes() == b"doubtful"
    assert Path("a.json.json").exists()


def test_a_second_run_replaces_the_first_ones_results() -> None:
    path = put("a.pdf")
    extract(path, "--output-dir", "out")
    path.write_bytes(b"clean")
    extract(path, "--output-dir", "out")
    assert json.loads(Path("out/a.json").read_bytes())["status"] == "reconciled"


def test_strict_tells_by_its_status_that_a_report_needs_review() -> None:
    clean, doubtful, damaged = put("clean.pdf", b"clean"), put("doubtful.pdf"), put("damaged.pdf", b"damaged")
    assert extract(doubtful).exit_code == 0
    assert extract("--strict", clean).exit_code == 0
    assert extract("--strict", clean, doubtful).exit_code == 3
    assert extract("--strict", doubtful, damaged).exit_code == 2


@pytest.mark.parametrize(
    ("name", "cause"),
    [("nowhere 一.pdf", "there is no such file"), ("folder", "is a folder, not a file; name the files in it")],
)
def test_what_is_no_file_is_told_in_one_line_and_the_rest_is_done(name: str, cause: str) -> None:
    Path("folder").mkdir()
    result = extract(name, put("good.pdf"), "--output-dir", "out")
    assert (result.exit_code, result.stderr) == (2, f"gouji: {name}: {cause}\n")
    assert Path("out/good.json").exists()


def test_a_file_over_the_limit_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOUJI_LIMIT_FILE_BYTES", "1048576")
    huge = Path("huge.pdf")
    with huge.open("wb") as file:
        file.truncate(50 * 1024**3)
    result = extract(huge)
    assert (result.exit_code, result.stderr) == (2, "gouji: huge.pdf: is larger than the 1 MB allowed\n")


def test_the_limit_itself_is_allowed_and_a_stream_without_size_is_held_to_it(tmp_path: Path) -> None:
    assert read_input(put("a", b"x" * 10), Limits(file_bytes=10)) == b"x" * 10
    with pytest.raises(LimitExceeded):
        read_input(put("b", b"x" * 11), Limits(file_bytes=10))
    with pytest.raises(LimitExceeded):
        read_input(Path("/dev/zero"), Limits(file_bytes=10))


def test_an_unforeseen_error_is_one_line_and_the_rest_is_done() -> None:
    result = extract(put("bug.pdf", b"bug"), put("good.pdf"), "--output-dir", "out")
    assert (result.exit_code, result.stderr) == (1, "gouji: bug.pdf: internal error (ZeroDivisionError)\n")
    assert Path("out/good.json").exists()


def test_an_unforeseen_error_while_writing_is_no_different(monkeypatch: pytest.MonkeyPatch) -> None:
    import service.workbook

    def fails_for_a(extraction: Extraction) -> bytes:
        if extraction.source.name == "a.pdf":
            raise KeyError("of the machine")
        return b"book"

    monkeypatch.setattr(service.workbook, "to_xlsx", fails_for_a)
    result = extract(put("a.pdf"), put("b.pdf"), "--format", "xlsx", "--output-dir", "out")
    assert (result.exit_code, result.stderr) == (1, "gouji: a.pdf: internal error (KeyError)\n")
    assert [path.name for path in Path("out").iterdir()] == ["b.xlsx"]


def test_debug_shows_the_traceback() -> None:
    result = run("--debug", "extract", put("bug.pdf", b"bug"))
    assert result.exit_code == 1
    assert "ZeroDivisionError: of the machine" in result.stderr


def test_without_models_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, data: bytes) -> Extraction:
        raise MissingModel("The models are not installed; run `make setup`.")

    monkeypatch.setattr(command, "pipeline", lambda: missing)
    result = extract(put("a.pdf"))
    assert (result.exit_code, result.stderr) == (1, "gouji: a.pdf: The models are not installed; run `make setup`.\n")


def test_the_status_of_a_file_that_cannot_be_read_comes_before_others() -> None:
    assert command.exit_status([GoujiError("x"), DamagedFile("y")], strict_failure=True) == 2
    assert command.exit_status([GoujiError("x")], strict_failure=True) == 1
    assert command.exit_status([], strict_failure=True) == 3
    assert command.exit_status([], strict_failure=False) == 0


def test_nothing_is_extracted_when_the_output_folder_cannot_be_made() -> None:
    put("taken")
    result = extract(put("a.pdf"), "--output-dir", "taken")
    assert isinstance(result.exception, OutputFailed)
    with pytest.raises(OutputFailed, match="taken: the folder cannot be made"):
        make_folder(Path("taken"))


def test_progress_is_silent_off_a_terminal_unless_asked_for() -> None:
    path = put("年报.pdf", b"clean")
    assert extract(path).stderr == ""
    assert extract(path, "--no-progress").stderr == ""
    assert extract(path, put("b.pdf"), "--progress").stderr == "[1/2] 年报.pdf: reconciled\n[2/2] b.pdf: needs review\n"


def test_csv_of_several_files_has_one_heading_and_one_mark() -> None:
    result = extract(put("a.pdf"), put("b.pdf"), "--format", "csv", "--bom")
    rows = list(csv.DictReader(io.StringIO(result.stdout_bytes.decode("utf-8-sig"), newline="")))
    assert result.stdout_bytes.count(b"\xef\xbb\xbf") == 1
    assert [row["file"] for row in rows] == ["a.pdf"] * 200 + ["b.pdf"] * 200


def test_xlsx_goes_to_a_folder_or_alone_to_standard_output() -> None:
    path = put("a.pdf")
    assert extract(path, "--format", "xlsx", "--output-dir", "out").exit_code == 0
    assert "fields" in load_workbook("out/a.xlsx").sheetnames
    assert "fields" in load_workbook(io.BytesIO(extract(path, "--format", "xlsx").stdout_bytes)).sheetnames
    refused = extract(path, put("b.pdf"), "--format", "xlsx")
    assert (refused.exit_code, "--output-dir" in refused.stderr) == (2, True)


def test_the_summary_shows_head_tables_broken_identities_and_doubtful_cells() -> None:
    text = extract(put("年报 一.pdf"), "--format", "table").stdout
    assert extract(Path("年报 一.pdf"), "--format", "table", "--output-dir", "out").exit_code == 0
    assert Path("out/年报 一.txt").read_text(encoding="utf-8").split() == text.split()
    for part in ("年报 一.pdf", "某市某局2021年政府信息公开工作年度报告", "cn-disclosure-2021", "needs review"):
        assert part in text
    form = next(form for form in load_forms() if form.id == "cn-disclosure-2021")
    assert all(row.label[:10] in text for table in form.tables for block in table.blocks for row in block.rows)
    assert "41 of 42 hold" in text
    assert f"applications {VIOLATED}: 0 + 0 + 0 + 0 + 0 + 0 ≠ 7 (0 against 7, difference -7)" in text
    assert f"{DOUBTFUL}: 7 (0.410, page " in text
    assert f"{MISSING}: missing" in text
    assert "7?" in text
    assert "5.035万元" in text


def test_the_summary_of_a_clean_report_doubts_nothing() -> None:
    text = extract(put("a.pdf", b"clean"), "--format", "table").stdout
    assert "42 of 42 hold" in text
    assert not any(word in text for word in ("Doubtful", "Issues", "≠", "?"))


def test_annotated_pages_are_written_and_a_file_without_pages_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_document(name: str, data: bytes, limits: Limits | None = None) -> Document:
        page = Page(1, 60, 80, render=lambda: np.full((80, 60, 3), 255, np.uint8))
        return Document(name, "0" * 64, "x/y", pages=() if data == b"text" else (page,))

    monkeypatch.setattr(service.documents, "open_document", open_document, raising=False)
    files = [put("年报 一.pdf"), put("t.txt", b"text"), put("u.txt", b"text")]
    result = extract(*files, "--annotated", "pictures", "--output-dir", "out")
    assert result.exit_code == 0
    assert [path.name for path in Path("pictures").iterdir()] == ["年报 一-p1.png"]
    assert result.stderr == "gouji: t.txt: has no pages to draw on (said once)\n"


def test_several_processes_keep_the_order_and_survive_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "pipeline", scripted)
    files = [put("1.pdf", b"sleep 0.3"), put("2.pdf", b"die"), put("3 年.pdf"), put("4.pdf", b"damaged"), put("5.pdf")]
    result = extract(*files, "nowhere.pdf", "--jobs", "2")
    names = [json.loads(line)["source"]["name"] for line in result.stdout.splitlines()]
    assert (result.exit_code, names) == (2, ["1.pdf", "3 年.pdf", "5.pdf"])
    assert [line.split(":")[1].strip() for line in result.stderr.splitlines()] == ["2.pdf", "4.pdf", "nowhere.pdf"]


def test_writing_leaves_the_old_file_or_the_new_and_no_drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    target = put("out/a.json", b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(OutputFailed, match=r"a\.json cannot be written \(No space left on device\)"):
            write_atomically(target, b"new")
    assert [path.read_bytes() for path in target.parent.iterdir()] == [b"old"]
    write_atomically(target, b"new")
    assert [path.read_bytes() for path in target.parent.iterdir()] == [b"new"]


def test_an_input_is_never_written_to() -> None:
    path = put("a.pdf")
    with pytest.raises(OutputFailed, match="would take the place of an input"):
        write_atomically(Path("../") / Path.cwd().name / path, b"new", protected([path]))
    assert path.read_bytes() == b"doubtful"


def test_stems_are_unique_whatever_the_names() -> None:
    paths = [Path(name) for name in ("a.pdf", "a.docx", "a.docx.txt", ".hidden", "noext", "x/a.docx", "a.pdf")]
    stems = [item.stem for item in plan_inputs(paths, None, ".json")]
    assert stems == ["a", "a.docx", "a.docx.txt", ".hidden", "noext", "a.docx-2", "a.pdf"]
    assert len(set(stems)) == len(paths)


def test_a_name_that_is_no_utf8_or_has_control_characters_is_told_on_one_line() -> None:
    raw = os.fsdecode(b"a\xff\n.pdf")
    Path(raw).write_bytes(b"clean")
    result = CliRunner().invoke(app, ["extract", raw])
    assert json.loads(result.stdout)["source"]["name"] == "a�\n.pdf"
    assert one_line("a\nb\x1b[2J  c\u3000d\u202e") == "a b [2J  c\u3000d "
    assert plan_inputs([Path(raw)], None, ".json")[0].shown == "a� .pdf"


def test_what_this_user_may_not_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(UnreadableInput, match="may not read"):
        read_input(Path("a.pdf"), Limits())


def test_forms_lists_forms_and_fields() -> None:
    assert [line.split("\t")[0] for line in run("forms").stdout.splitlines()[1:]] == [form.id for form in load_forms()]
    form = load_forms()[-1]
    for name in (form.id, form.year):
        lines = run("forms", name).stdout.splitlines()[1:]
        assert [line.split("\t")[0] for line in lines] == [spec.id for spec in form.fields()]
    listed = json.loads(run("forms", form.id, "--json").stdout)
    assert [field["label"] for field in listed] == [spec.label for spec in form.fields()]
    unknown = run("forms", "1999")
    assert (unknown.exit_code, form.id in unknown.stderr) == (2, True)


def test_every_command_and_option_is_documented() -> None:
    import typer

    for name, entry in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        assert entry.help, name
        for parameter in entry.params:
            assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_version_is_told_both_ways() -> None:
    assert run("version").stdout == run("--version").stdout == f"gouji {version('gouji')}\n"


def _gouji(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", "from service.cli import main; main()", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.run(words, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)


def test_a_misspelt_name_ends_at_once_without_a_traceback() -> None:
    done = _gouji("extract", "nowhere 年.pdf")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "gouji: nowhere 年.pdf: there is no such file\n")


def test_an_error_outside_of_any_file_is_one_line_too() -> None:
    put("taken")
    done = _gouji("extract", put("a.pdf"), "--output-dir", "taken")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "gouji: taken: the folder cannot be made (File exists)\n"
    shown = _gouji("--debug", "extract", "a.pdf", "--output-dir", "taken")
    assert "Traceback" in shown.stderr


def test_a_place_where_nothing_can_be_written_is_named() -> None:
    put("taken")
    done = _gouji("train", "synthesize", "taken/set", "--count", "1", "--quality", "plain", "--format", "txt")
    assert (done.returncode, done.stderr) == (1, "gouji: taken/set: not a directory\n")
    with pytest.raises(OutputFailed, match="cannot be written"):
        write_atomically(Path("taken/result.json"), b"{}")


def test_a_full_disk_behind_standard_output_is_told() -> None:
    code = (
        "import sys; from pathlib import Path; from service.cli.extract import Options, extract_files;"
        "from tests.test_cli import by_content; sys.exit(extract_files([Path('a.pdf')], Options(), by_content))"
    )
    put("a.pdf")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True, env=environment, check=False
        )
    assert done.returncode == 1
    assert done.stderr == "gouji: a.pdf: standard output cannot be written (No space left on device)\n"


def test_serve_says_in_one_line_that_its_store_cannot_be_used() -> None:
    done = _gouji("serve", "--store", "sqlite:////nowhere/at/all.db")
    assert done.returncode == 1
    assert done.stderr == "gouji: The store of results cannot be used (OperationalError).\n"


def test_a_setting_that_is_not_valid_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOUJI_LIMIT_PAGES", "many")
    done = _gouji("extract", put("a.pdf"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("gouji: a setting is not valid: GOUJI_LIMIT_PAGES: ")
    assert "Traceback" in _gouji("--debug", "extract", "a.pdf").stderr
