"""A person's word on an issue, by HTTP and on the command line: kept, shown, asked for anew when values change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from service.api import Settings, create_app
from service.cli import app
from service.errors import NotFound, UnreadableInput
from service.reconcile.fingerprints import fingerprinted
from service.results import Extraction
from service.store import Store
from tests.api.fakes import scripted
from tests.built import DOUBTFUL, build


def report(value: int = 7) -> Extraction:
    """A result with two issues over one cell; the same file whatever its value."""
    whole = build()
    fields = {**whole.fields, DOUBTFUL: whole.fields[DOUBTFUL].model_copy(update={"value": value})}
    return whole.model_copy(update={"fields": fields, "issues": fingerprinted(whole.issues, fields)})


def marks(value: int = 7) -> list[str]:
    return [issue.fingerprint or "" for issue in report(value).issues]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/results.db"


@pytest.fixture
def store(url: str) -> Store:
    return Store(url)


# HTTP


@pytest.fixture
def client(url: str) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(store_url=url), scripted), raise_server_exceptions=False) as running:
        yield running


def say(client: TestClient, report_id: str, **said: str) -> httpx.Response:
    body = {"fingerprint": marks()[0], "action": "dismissed", "by": "李", **said}
    return client.post(f"/v1/reports/{report_id}/decisions", json=body)


def standings(client: TestClient, report_id: str) -> list[str]:
    return [case["standing"] for case in client.get(f"/v1/reports/{report_id}/issues").json()]


def test_a_decision_is_kept_and_shown_with_its_issue(client: TestClient, store: Store) -> None:
    report_id = store.save(report())
    assert standings(client, report_id) == ["open", "open"]
    answer = say(client, report_id, note="看过原件")
    assert answer.status_code == 201
    first, second = client.get(f"/v1/reports/{report_id}/issues").json()
    assert answer.json() == first
    assert first["issue"] == json.loads(report().issues[0].model_dump_json())
    assert (first["standing"], second["standing"], second["decision"]) == ("settled", "open", None)
    when = datetime.fromisoformat(first["decision"].pop("when"))
    assert timedelta(0) <= datetime.now(UTC) - when < timedelta(minutes=1)
    assert first["decision"] == {"fingerprint": marks()[0], "action": "dismissed", "by": "李", "note": "看过原件"}


def test_a_decision_holds_for_the_next_run_until_a_value_changes(client: TestClient, store: Store) -> None:
    first = store.save(report())
    say(client, first)
    assert standings(client, store.save(report())) == ["settled", "open"]
    changed = store.save(report(value=8))
    assert standings(client, changed) == ["reopened", "open"]
    assert client.get(f"/v1/reports/{changed}/issues").json()[0]["decision"]["by"] == "李"
    assert say(client, changed, fingerprint=marks(8)[0]).json()["standing"] == "settled"
    assert standings(client, first) == ["settled", "open"]


def test_a_decision_changes_no_result(client: TestClient, store: Store) -> None:
    report_id = store.save(report())
    before = client.get(f"/v1/reports/{report_id}").content
    assert say(client, report_id).status_code == 201
    assert client.get(f"/v1/reports/{report_id}").content == before


def test_a_decision_on_no_issue_of_the_report_is_not_kept(client: TestClient, store: Store) -> None:
    answer = say(client, store.save(report()), fingerprint=marks(8)[0])
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert say(client, "0" * 32).json()["detail"] == "There is no report with this id."
    assert store.decisions(report().source.sha256) == ()


@pytest.mark.parametrize("wrong", [{"action": "rejected"}, {"by": " "}, {"when": "2026-01-02"}, {"note": "长" * 2001}])
def test_what_is_no_decision_is_invalid(client: TestClient, store: Store, wrong: dict[str, str]) -> None:
    answer = say(client, store.save(report()), **wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert answer.json()["errors"][0]["where"] == f"body/{next(iter(wrong))}"


# Command line


@pytest.fixture
def result(tmp_path: Path) -> Path:
    """The JSON file of the report's result."""
    path = tmp_path / "report.json"
    path.write_text(report().model_dump_json(), encoding="utf-8")
    return path


def run(url: str, *arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--store", url])


def rows(done: Result) -> list[list[str]]:
    assert done.exit_code == 0
    return [line.split("\t") for line in done.stdout.splitlines()[1:]]


def test_issues_are_listed_settled_and_reopened(url: str, result: Path) -> None:
    found = report().issues
    issues = [
        [one.fingerprint, one.severity, one.code, one.message, " ".join(one.roots or one.fields)] for one in found
    ]
    assert all(fields for *_, fields in issues)
    assert rows(run(url, "issues", result)) == [["open", *one, ""] for one in issues]
    done = run(url, "decide", result, marks()[0], "accepted", "--by", "李", "--note", "看过\n原件")
    assert (done.exit_code, done.stdout) == (0, "1 of 2 issues settled\n")
    first, second = rows(run(url, "issues", result))
    assert (first[0], second) == ("settled", ["open", *issues[1], ""])
    assert re.fullmatch(r"accepted by 李, \d{4}-\d\d-\d\d: 看过 原件", first[-1])
    result.write_text(report(value=8).model_dump_json(), encoding="utf-8")
    assert [row[0] for row in rows(run(url, "issues", result))] == ["reopened", "open"]
    listed = json.loads(run(url, "issues", result, "--json").stdout)
    assert [(one["standing"], one["fingerprint"]) for one in listed] == [
        ("reopened", marks(8)[0]),
        ("open", marks(8)[1]),
    ]


def test_the_newest_result_of_a_file_is_found_by_its_sha256(url: str, store: Store) -> None:
    sha256 = report().source.sha256
    assert isinstance(run(url, "issues", sha256).exception, NotFound)
    store.save(report())
    store.save(report(value=8))
    assert [row[1] for row in rows(run(url, "issues", sha256))] == marks(8)
    assert run(url, "decide", sha256, marks(8)[1], "dismissed", "--by", "李").exit_code == 0
    assert [one.fingerprint for one in store.decisions(sha256)] == marks(8)[1:]


def test_a_mistyped_fingerprint_action_or_file_is_refused(url: str, result: Path, store: Store) -> None:
    assert isinstance(run(url, "decide", result, "0-0", "accepted", "--by", "李").exception, NotFound)
    assert run(url, "decide", result, marks()[0], "rejected", "--by", "李").exit_code == 2
    assert run(url, "decide", result, marks()[0], "accepted").exit_code == 2
    assert run(url, "decide", result, marks()[0], "accepted", "--by", " ").exit_code == 2
    assert store.decisions(report().source.sha256) == ()
    result.write_text("{}", encoding="utf-8")
    with pytest.raises(UnreadableInput, match=r"report\.json: it is no result of gouji extract"):
        raise run(url, "issues", result).exception or AssertionError
