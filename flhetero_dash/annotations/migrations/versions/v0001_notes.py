"""The notes, and the row that tells that one of them changed."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make both tables."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "notes",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("dataset", sa.String(200), nullable=False),
        sa.Column("samples", sa.String(200), nullable=False),
        sa.Column("client", sa.String(200), nullable=False),
        sa.Column("round_index", sa.Integer, nullable=False),
        sa.Column("inputs", sa.String(200), nullable=False),
        sa.Column("records_text", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("created", time, nullable=False),
        sa.Column("changed", time, nullable=False),
        sa.Column("deleted", time, nullable=True),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("notes_by_client", "notes", ["dataset", "client"])
    state = op.create_table(
        "notes_state",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("revision", sa.String(32), nullable=False),
    )
    op.bulk_insert(state, [{"id": 1, "revision": "0"}])


def downgrade() -> None:
    """Remove them, and every note with them."""
    op.drop_table("notes_state")
    op.drop_table("notes")
