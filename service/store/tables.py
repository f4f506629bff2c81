"""The tables of the store, as SQLAlchemy sees them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import DateTime, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Base of the store's tables."""


class ResultRow(Base):
    """One result of one file; reading the same bytes again adds a row with the next version."""

    __tablename__ = "results"
    __table_args__ = (UniqueConstraint("sha256", "version"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    version: Mapped[int]
    """Counts from 1 for each sha256."""
    name: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    status: Mapped[str] = mapped_column(String(16), index=True)
    extraction: Mapped[str] = mapped_column(Text)
    """The result's JSON as text, so that what is served later is what was served first, byte for byte."""


class DecisionRow(Base):
    """What a person has said of one issue of one file; a later decision adds a row."""

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    """Of the file, not of one result: decisions outlive a new run."""
    fingerprint: Mapped[str] = mapped_column(String(32))
    action: Mapped[Literal["accepted", "dismissed"]] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(Text)
    decided: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    note: Mapped[str] = mapped_column(Text)
