"""Save and find results. SQLite by default, any database that SQLAlchemy speaks to by its URL."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, create_engine, event, func, select, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from service.errors import NotFound, StoreUnavailable
from service.results import Decision, Extraction
from service.store.tables import Base, DecisionRow, ResultRow

_ATTEMPTS = 50


@dataclass(frozen=True, slots=True)
class Stored:
    """One result as it was saved."""

    id: str
    sha256: str
    version: int
    """Counts from 1 for each sha256."""
    name: str
    created: datetime
    """In UTC."""
    json: str
    """The contract's JSON, as it was first given out."""

    @property
    def extraction(self) -> Extraction:
        """The result, parsed."""
        return Extraction.model_validate_json(self.json)


class Store:
    """The results of one database and what was decided on them; safe to use from many threads.

    Every method raises StoreUnavailable when the database cannot be reached or refuses the work.
    """

    def __init__(self, url: str):
        """Open the database and make its tables where they are absent.

        `create_all` adds tables and never changes them: migrations come with the first change of a table.
        """
        with _unavailable():
            self._engine = _engine(url)
            Base.metadata.create_all(self._engine)

    def save(self, extraction: Extraction) -> str:
        """Add the result as the newest version of its file; its id (32 hexadecimal digits, not to be guessed)."""
        with _unavailable():
            for attempt in range(_ATTEMPTS):
                try:
                    return self._insert(extraction)
                except IntegrityError:
                    # Another process has just taken this version: count again.
                    if attempt == _ATTEMPTS - 1:
                        raise
                    time.sleep(random.uniform(0, 0.02))  # so that two savers do not meet again
        raise AssertionError("unreachable")

    def get(self, result_id: str) -> Stored:
        """The result of that id; raises NotFound."""
        with _unavailable(), Session(self._engine) as session:
            row = session.get(ResultRow, result_id)
            if row is None:
                raise NotFound("There is no report with this id.")
            return _stored(row)

    def find_by_sha(self, sha256: str) -> tuple[Stored, ...]:
        """Every version of the results of the file with that sha256, oldest first."""
        query = select(ResultRow).where(ResultRow.sha256 == sha256).order_by(ResultRow.version)
        with _unavailable(), Session(self._engine) as session:
            return tuple(_stored(row) for row in session.scalars(query))

    def decide(self, sha256: str, decision: Decision) -> None:
        """Keep what a person has said of an issue of the file with that sha256; nothing that was said is lost."""
        said = {name: getattr(decision, name) for name in ("fingerprint", "action", "by", "note")}
        row = DecisionRow(sha256=sha256, decided=decision.when.astimezone(UTC), **said)
        with _unavailable(), Session(self._engine) as session, session.begin():
            session.add(row)

    def decisions(self, sha256: str) -> tuple[Decision, ...]:
        """Everything that was said of the file's issues, as it was kept; `reconcile.fingerprints.settle` weighs it."""
        query = select(DecisionRow).where(DecisionRow.sha256 == sha256).order_by(DecisionRow.id)
        with _unavailable(), Session(self._engine) as session:
            return tuple(_decision(row) for row in session.scalars(query))

    def ping(self) -> None:
        """Nothing, when the database answers."""
        with _unavailable(), self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _insert(self, extraction: Extraction) -> str:
        sha256 = extraction.source.sha256
        newest = select(func.coalesce(func.max(ResultRow.version), 0)).where(ResultRow.sha256 == sha256)
        with Session(self._engine) as session, session.begin():
            row = ResultRow(
                id=uuid.uuid4().hex,
                sha256=sha256,
                version=session.scalars(newest).one() + 1,
                name=extraction.source.name,
                created=datetime.now(UTC),
                status=extraction.status,
                extraction=extraction.model_dump_json(),
            )
            session.add(row)
            return row.id


def _engine(url: str) -> Engine:
    if url in ("sqlite://", "sqlite:///:memory:"):
        # One connection for all threads: every connection to :memory: is a database of its own.
        return create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    engine = create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
    return engine


def _tune_sqlite(connection: Any, _record: Any) -> None:
    """Write-ahead log, so that readers do not wait for writers; wait for a lock rather than fail."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _stored(row: ResultRow) -> Stored:
    return Stored(row.id, row.sha256, row.version, row.name, _utc(row.created), row.extraction)


def _decision(row: DecisionRow) -> Decision:
    return Decision(fingerprint=row.fingerprint, action=row.action, by=row.by, when=_utc(row.decided), note=row.note)


def _utc(moment: datetime) -> datetime:
    # SQLite keeps no time zone; what was written is UTC.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@contextmanager
def _unavailable() -> Iterator[None]:
    """Turn what SQLAlchemy (or a missing driver) raises into StoreUnavailable."""
    try:
        yield
    except (SQLAlchemyError, ImportError) as error:
        # Only the kind of the error: its text may hold the password of the URL.
        raise StoreUnavailable(f"The store of results cannot be used ({type(error).__name__}).") from error
