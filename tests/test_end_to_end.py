"""The two ways in, with the real pipeline, on samples and on files that are no reports."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from service.api import Settings, create_app
from service.errors import MissingModel
from service.limits import Limits
from tests.conftest import ROOT

TEXT = ("word.docx", "page-gbk.html", "piped-cells.txt", "text-layer.pdf", "pages.ofd")


def gouji(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", "from service.cli import main; main()", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        words, capture_output=True, text=True, encoding="utf-8", env=environment, cwd=cwd, check=False
    )


def differences(result: dict[str, Any], truth_file: Path) -> dict[str, tuple[Any, Any]]:
    values = json.loads(truth_file.read_text(encoding="utf-8"))["values"]
    read = {field: reading["value"] for field, reading in result["fields"].items()}
    assert read.keys() == values.keys()
    return {field: (read[field], value) for field, value in values.items() if read[field] != value}


def test_formats_side_by_side_with_two_processes(samples: Path, tmp_path: Path) -> None:
    done = gouji("extract", *(samples / name for name in TEXT), "--output-dir", "out", "--jobs", "2", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    for name in TEXT:
        stem = Path(name).stem
        result = json.loads((tmp_path / "out" / f"{stem}.json").read_text(encoding="utf-8"))
        assert result["source"]["name"] == name
        assert differences(result, samples / f"{stem}.truth.json") == {}


def test_what_is_no_report_is_told_in_one_line_each_and_the_rest_is_done(samples: Path, tmp_path: Path) -> None:
    report = (samples / "text-layer.pdf").read_bytes()
    bad = {
        "空 文件.pdf": b"",
        "cut off.pdf": report[: len(report) // 3],
        "cut off.docx": (samples / "word.docx").read_bytes()[:2000],
        "noise.png": b"\x89PNG\r\n\x1a\n" + b"noise" * 100,
        "error page.html": b"<html><head><title>404</title></head><body><h1>Not Found</h1></body></html>",
        "binary.txt": bytes(range(256)) * 20,
        "prose.txt": "今年的工作总结，没有表格。\n".encode() * 20,
    }
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    # The content says what a file is, not its name.
    shutil.copy(samples / "word.docx", tmp_path / "良 好.pdf")
    (tmp_path / "folder").mkdir()
    done = gouji("extract", *bad, "folder", "nowhere", "良 好.pdf", "--output-dir", "out", cwd=tmp_path)
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert [line.split(": ")[1] for line in lines] == [*bad, "folder", "nowhere"]
    assert all(line.startswith("gouji: ") and line.count(": ") >= 2 for line in lines)
    assert "internal error" not in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["良 好.json"]


def test_annotated_pages_are_those_of_the_document(samples: Path, tmp_path: Path) -> None:
    done = gouji("extract", samples / "text-layer.pdf", "--annotated", "pictures", cwd=tmp_path)
    pages = json.loads(done.stdout)["source"]["pages"]
    pictures = sorted((tmp_path / "pictures").iterdir())
    assert [path.name for path in pictures] == [f"text-layer-p{number}.png" for number in range(1, pages + 1)]
    assert all(Image.open(path).width > 1000 for path in pictures)


def test_the_summary_of_a_sample_names_its_agency_and_forms(samples: Path, tmp_path: Path) -> None:
    truth = json.loads((samples / "word.truth.json").read_text(encoding="utf-8"))
    done = gouji("extract", samples / "word.docx", "--format", "table", cwd=tmp_path)
    assert done.returncode == 0
    assert truth["agency"] in done.stdout
    assert f"cn-disclosure-{truth['template']}" in done.stdout


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    from models.vendor import model_directory, vendor_models

    try:
        for model in vendor_models():
            model_directory(model.name)
    except MissingModel as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("service")
    settings = Settings(store_url=f"sqlite:///{folder}/results.db", limits=Limits(pages=2))
    with TestClient(create_app(settings)) as running:
        yield running


def test_the_service_reads_a_report_and_keeps_it(client: TestClient, samples: Path) -> None:
    data = (samples / "word.docx").read_bytes()
    answer = client.post("/v1/reports", files={"file": ("年报 一.docx", data)})
    assert answer.status_code == 200
    assert differences(answer.json(), samples / "word.truth.json") == {}
    assert client.get(answer.headers["location"]).content == answer.content
    assert client.get("/readyz").json()["status"] == "ready"


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "empty-file"),
        ("今年的工作总结，没有表格。\n".encode() * 20, 422, "not-a-report"),
        (b"\x7fELF" + bytes(range(256)) * 20, 415, "unsupported-format"),
    ],
)
def test_the_service_refuses_what_is_no_report(client: TestClient, data: bytes, status: int, code: str) -> None:
    answer = client.post("/v1/reports", files={"file": ("report.pdf", data)})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code


def test_the_service_holds_files_to_its_limits(client: TestClient, samples: Path) -> None:
    data = (samples / "text-layer.pdf").read_bytes()
    answer = client.post("/v1/reports", files={"file": ("report.pdf", data)})
    assert (answer.status_code, answer.json().get("code")) == (413, "limit-exceeded")
