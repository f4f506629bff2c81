"""The store keeps every version of every result."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from service.errors import NotFound, StoreUnavailable
from service.results import Decision
from service.store import Store
from tests.built import build


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path}/results.db")


def test_what_is_saved_is_found_by_id(store: Store) -> None:
    extraction = build("年报 一.pdf")
    stored = store.get(store.save(extraction))
    assert stored.name == "年报 一.pdf"
    assert stored.extraction == extraction
    assert stored.json == extraction.model_dump_json()
    assert datetime.now(UTC) - stored.created < timedelta(minutes=1)


def test_versions_are_added_and_never_overwritten(store: Store) -> None:
    first, second = build(clean=True), build()
    ids = [store.save(first), store.save(second), store.save(build(data=b"another file"))]
    versions = store.find_by_sha(first.source.sha256)
    assert [(version.id, version.version) for version in versions] == [(ids[0], 1), (ids[1], 2)]
    assert [version.extraction.status for version in versions] == ["reconciled", "needs_review"]


def test_versions_stay_apart_when_many_threads_save_at_once(store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(store.save, [build()] * 24))
    versions = store.find_by_sha(build().source.sha256)
    assert [version.version for version in versions] == list(range(1, 25))
    assert {version.id for version in versions} == set(ids)


def test_what_is_not_there_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        store.get("0" * 32)
    assert store.find_by_sha("0" * 64) == ()


def test_results_outlive_the_store_object(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/results.db"
    first = Store(url)
    saved = first.save(build())
    first.close()
    assert Store(url).get(saved).extraction == build()


def test_sqlite_writes_ahead(tmp_path: Path) -> None:
    Store(f"sqlite:///{tmp_path}/results.db").ping()
    assert sqlite3.connect(tmp_path / "results.db").execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_memory_is_one_database_for_all_threads() -> None:
    store = Store("sqlite://")
    with ThreadPoolExecutor(1) as thread:
        saved = thread.submit(store.save, build()).result()
    assert store.get(saved).version == 1


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "nonsense", "strange://user:secret@host/db"])
def test_a_store_that_cannot_be_used_says_so_without_its_password(url: str) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        Store(url)
    assert "secret" not in str(caught.value)


def _decision(mark: str, action: str = "dismissed", note: str = "") -> Decision:
    beijing = timezone(timedelta(hours=8))
    return Decision(
        fingerprint=mark, action=action, by="李", when=datetime(2026, 1, 2, 7, 30, tzinfo=beijing), note=note
    )


def test_decisions_are_kept_by_file_and_never_overwritten(store: Store) -> None:
    first, second, other = _decision("1-1"), _decision("1-1", "accepted", "看过原件"), _decision("2-2")
    for sha256, decision in (("a", first), ("b", other), ("a", second)):
        store.decide(sha256, decision)
    assert store.decisions("a") == (first, second)
    assert store.decisions("b") == (other,)
    assert store.decisions("c") == ()
    assert store.decisions("a")[0].when.utcoffset() == timedelta(0)


def test_decisions_survive_a_new_result_of_the_same_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/results.db"
    store, sha256 = Store(url), build().source.sha256
    store.save(build())
    store.decide(sha256, _decision("1-1"))
    store.save(build(clean=True))
    store.close()
    assert Store(url).decisions(sha256) == (_decision("1-1"),)


def test_a_store_of_an_older_gouji_gets_the_table_of_decisions(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/results.db"
    saved = Store(url).save(build())
    with sqlite3.connect(tmp_path / "results.db") as connection:
        connection.execute("DROP TABLE decisions")
    store = Store(url)
    assert store.decisions("a") == ()
    assert store.get(saved).extraction == build()
