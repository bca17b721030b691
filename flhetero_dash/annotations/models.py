"""The tables of the notes, as SQLAlchemy maps them."""

from datetime import UTC, datetime

from sqlalchemy import JSON, DateTime, Dialect, Index, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """A time of UTC to the microsecond; SQLite, which knows no time zones, keeps it without."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Read a time, in whatever zone the server writes it."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of the tables."""


class NoteRow(Base):
    """One note; `notes.Note` says what its fields are."""

    __tablename__ = "notes"
    __table_args__ = (Index("notes_by_client", "dataset", "client"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    dataset: Mapped[str] = mapped_column(String(200))
    samples: Mapped[str] = mapped_column(String(200))
    client: Mapped[str] = mapped_column(String(200))
    round_index: Mapped[int] = mapped_column(Integer)
    inputs: Mapped[str] = mapped_column(String(200))
    records_text: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(200))
    parameters: Mapped[dict[str, str]] = mapped_column(JSON)
    created: Mapped[datetime] = mapped_column(UtcTime)
    changed: Mapped[datetime] = mapped_column(UtcTime)
    deleted: Mapped[datetime | None] = mapped_column(UtcTime)
    version: Mapped[int] = mapped_column(Integer)

    # Every UPDATE asks for the version that was read. It is counted by hand: an import brings
    # versions of its own.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}


class StateRow(Base):
    """The one row that every change writes anew: what browsers ask every few seconds."""

    __tablename__ = "notes_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    revision: Mapped[str] = mapped_column(String(32))
