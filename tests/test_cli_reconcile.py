"""`gouji reconcile`: what is read, printed and written, and with which status it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from service.cli import app
from service.errors import OutputFailed, UnreadableInput
from service.reconcile.years import YearComparison
from tests.built import build

FIELD = "proactive.regulations.in_force"


def write(folder: Path, year: int, in_force: int, name: str | None = None) -> Path:
    """A result with one number besides zeros."""
    whole = build(f"{year}.pdf", str(year).encode(), clean=True)
    fields = {**whole.fields, FIELD: whole.fields[FIELD].model_copy(update={"value": in_force})}
    report = whole.report.model_copy(update={"year": year})
    path = folder / (name or f"{year}.json")
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(whole.model_copy(update={"fields": fields, "report": report}).model_dump_json(), encoding="utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["reconcile", *map(str, arguments)])


def test_the_table_tells_agencies_findings_and_notes(tmp_path: Path) -> None:
    write(tmp_path, 2021, 9)
    write(tmp_path, 2022, 8)
    write(tmp_path, 2024, 8)
    (tmp_path / "notes.json").write_text("{}", encoding="utf-8")
    result = run(tmp_path)
    assert result.exit_code == 0
    printed = "".join(result.stdout.split())
    assert "某市某局2021,2022,20241.001" in printed
    assert "Differencesbetweenyears:1" in printed
    assert "unbalanced某市某局,in-force:regulations:" in printed
    assert "9+0-0≠8(difference1)" in printed
    assert "2021.pdf,2022.pdf" in printed
    assert "notes.jsonisleftout" in printed
    assert "noresultfor2023" in printed


def test_json_is_the_comparison_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, 2021, 9)
    write(tmp_path, 2022, 8)
    result = run(tmp_path, "--format", "json")
    comparison = YearComparison.model_validate_json(result.stdout)
    assert [finding.rule for finding in comparison.findings] == ["in-force:regulations"]
    assert [report.file for report in comparison.agencies[0].reports] == ["2021.pdf", "2022.pdf"]
    assert comparison.notes == ()


def test_a_file_is_written_beside_what_is_printed_and_results_stay_as_they_are(tmp_path: Path) -> None:
    results = [write(tmp_path / "in", 2021, 9), write(tmp_path / "in", 2022, 8)]
    before = [path.read_bytes() for path in results]
    output = tmp_path / "out.json"
    result = run(tmp_path / "in", "--output", output)
    assert "Differences between years: 1" in result.stdout
    assert json.loads(output.read_text(encoding="utf-8"))["findings"][0]["expected"] == 9
    assert [path.read_bytes() for path in results] == before


def test_a_comparison_never_takes_the_place_of_a_result(tmp_path: Path) -> None:
    path = write(tmp_path, 2021, 9)
    result = run(tmp_path, "--output", path)
    assert isinstance(result.exception, OutputFailed)
    assert json.loads(path.read_text(encoding="utf-8"))["report"]["year"] == 2021


def test_a_comparison_of_before_in_the_folder_is_a_note(tmp_path: Path) -> None:
    write(tmp_path, 2021, 9)
    output = tmp_path / "years.json"
    assert run(tmp_path, "--output", output).exit_code == 0
    assert run(tmp_path, "--output", output).exit_code == 0
    notes = json.loads(output.read_text(encoding="utf-8"))["notes"]
    assert [(note["code"], note["files"]) for note in notes] == [("unreadable-result", ["years.json"])]


def test_folders_in_the_folder_are_searched(tmp_path: Path) -> None:
    write(tmp_path, 2021, 9, "a/one.json")
    write(tmp_path, 2022, 8, "b/one.json")
    assert "Differences between years: 1" in run(tmp_path).stdout


@pytest.mark.parametrize(("second", "status"), [(9, 0), (8, 3)])
def test_strict_ends_with_3_when_years_differ(tmp_path: Path, second: int, status: int) -> None:
    write(tmp_path, 2021, 9)
    write(tmp_path, 2022, second)
    assert run(tmp_path).exit_code == 0
    assert run(tmp_path, "--strict").exit_code == status


@pytest.mark.parametrize("content", [None, b"{", b"\xff\xfe", b"[]", b'{"findings": []}'])
def test_no_readable_result_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "a.json").write_bytes(content)
    result = run(tmp_path)
    assert isinstance(result.exception, UnreadableInput)
    assert f"none of its {int(content is not None)} JSON files" in str(result.exception)


def test_the_process_ends_with_2_and_one_line(tmp_path: Path) -> None:
    code = "from service.cli import main; main()"
    command = [sys.executable, "-c", code, "reconcile", str(tmp_path / "absent")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("gouji: ") and done.stderr.count("\n") == 1
    assert "no such folder" in done.stderr


def test_a_name_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    path = write(tmp_path, 2021, 9)
    text = path.read_text(encoding="utf-8").replace("某市某局", "某\\u001b[31m局")
    path.write_text(text, encoding="utf-8")
    assert "\x1b" not in run(tmp_path).stdout
