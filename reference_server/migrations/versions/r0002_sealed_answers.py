"""Where answers that show a secret are kept sealed. Those kept before stay as they are until they are purged."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the column."""
    op.add_column("idempotency_keys", sa.Column("sealed_body", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Take it away, with the keys whose answers only it held: they would be answered with nothing."""
    op.execute("DELETE FROM idempotency_keys WHERE sealed_body IS NOT NULL")
    with op.batch_alter_table("idempotency_keys") as table:
        table.drop_column("sealed_body")
