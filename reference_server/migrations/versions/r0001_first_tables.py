"""The tables of 0.2.0, which was the first release to have migrations."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make them, what is referred to before what refers to it."""
    _make_audit_lines()
    _make_idempotency_keys()
    _make_incarnations()
    _make_job_counts()
    _make_job_workers()
    _make_jobs()
    _make_merchants()
    _make_endpoints()
    _make_gateway_accounts()
    _make_orders()
    _make_retired_credentials()
    _make_webhook_events()
    _make_deliveries()
    _make_endpoint_secrets()
    _make_fulfilments()
    _make_payments()
    _make_delivery_attempts()
    _make_gateway_answers()
    _make_gateway_orders()
    _make_inbox_notifications()
    _make_payment_attempts()
    _make_refunds()


def downgrade() -> None:
    """Take them away."""
    op.drop_table("refunds")
    op.drop_table("payment_attempts")
    op.drop_table("inbox_notifications")
    op.drop_table("gateway_orders")
    op.drop_table("gateway_answers")
    op.drop_table("delivery_attempts")
    op.drop_table("payments")
    op.drop_table("fulfilments")
    op.drop_table("endpoint_secrets")
    op.drop_table("deliveries")
    op.drop_table("webhook_events")
    op.drop_table("retired_credentials")
    op.drop_table("orders")
    op.drop_table("gateway_accounts")
    op.drop_table("endpoints")
    op.drop_table("merchants")
    op.drop_table("jobs")
    op.drop_table("job_workers")
    op.drop_table("job_counts")
    op.drop_table("incarnations")
    op.drop_table("idempotency_keys")
    op.drop_table("audit_lines")


def _make_audit_lines() -> None:
    op.create_table(
        "audit_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_lines"),
    )
    op.create_index("ix_audit_lines_order_id", "audit_lines", ["order_id"])


def _make_idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("merchant_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("response_status", sa.Integer(), nullable=True),
        sa.Column("response_type", sa.String(), nullable=True),
        sa.Column("response_headers", sa.String(), nullable=False),
        sa.Column("response_body", sa.LargeBinary(), nullable=False),
        sa.Column("resume_point", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("lease_until", sa.Float(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "key", "operation", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_expires_at", "idempotency_keys", ["expires_at"])


def _make_incarnations() -> None:
    op.create_table(
        "incarnations",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("instant", sa.DateTime(timezone=True), nullable=True),
        sa.Column("installation", sa.String(), nullable=False),
        sa.Column("knowledge", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incarnations"),
    )


def _make_job_counts() -> None:
    op.create_table(
        "job_counts",
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("runs", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("worker", "queue", "outcome", name="pk_job_counts"),
    )


def _make_job_workers() -> None:
    op.create_table(
        "job_workers",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("term", sa.Integer(), nullable=False),
        sa.Column("runs_jobs", sa.Boolean(), nullable=False),
        sa.Column("beats", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_job_workers"),
    )


def _make_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("owed_again", sa.Boolean(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("name", "about", name="uq_jobs_name_about"),
    )
    op.create_index("ix_jobs_due_at_id", "jobs", ["due_at", "id"])
    op.create_index("ix_jobs_lease_owner", "jobs", ["lease_owner"])


def _make_merchants() -> None:
    op.create_table(
        "merchants",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("api_key", sa.String(), nullable=False),
        sa.Column("api_secret_digest", sa.String(), nullable=False),
        sa.Column("frontend_url", sa.String(), nullable=False),
        sa.Column("provisioning_url", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_merchants"),
        sa.UniqueConstraint("api_key", name="uq_merchants_api_key"),
        sa.UniqueConstraint("email", name="uq_merchants_email"),
        sa.UniqueConstraint("name", name="uq_merchants_name"),
    )


def _make_endpoints() -> None:
    op.create_table(
        "endpoints",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("merchant_id", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name="fk_endpoints_merchant_id_merchants"),
        sa.PrimaryKeyConstraint("id", name="pk_endpoints"),
    )
    op.create_index("ix_endpoints_merchant_id", "endpoints", ["merchant_id"])


def _make_gateway_accounts() -> None:
    op.create_table(
        "gateway_accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("merchant_id", sa.String(), nullable=False),
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("credentials", sa.JSON(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name="fk_gateway_accounts_merchant_id_merchants"),
        sa.PrimaryKeyConstraint("id", name="pk_gateway_accounts"),
        sa.UniqueConstraint("merchant_id", "gateway", name="uq_gateway_accounts_merchant_id_gateway"),
    )


def _make_orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("merchant_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("shopper", sa.JSON(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("chassis_no", sa.String(), nullable=False),
        sa.Column("product_key", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name="fk_orders_merchant_id_merchants"),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("merchant_id", "reference", name="uq_orders_merchant_id_reference"),
    )
    op.create_index(
        "ix_orders_erased",
        "orders",
        ["erased_at"],
        sqlite_where=sa.text("erased_at IS NOT NULL"),
        postgresql_where=sa.text("erased_at IS NOT NULL"),
    )
    op.create_index("ix_orders_merchant_newest", "orders", ["merchant_id", "created_at", "id"])
    op.create_index("ix_orders_reference", "orders", ["reference"])


def _make_retired_credentials() -> None:
    op.create_table(
        "retired_credentials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("merchant_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("credential", sa.String(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name="fk_retired_credentials_merchant_id_merchants"),
        sa.PrimaryKeyConstraint("id", name="pk_retired_credentials"),
        sa.UniqueConstraint("kind", "credential", name="uq_retired_credentials_kind_credential"),
    )
    op.create_index("ix_retired_credentials_merchant_id", "retired_credentials", ["merchant_id"])


def _make_webhook_events() -> None:
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("merchant_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("refund_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name="fk_webhook_events_merchant_id_merchants"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_events"),
    )
    op.create_index("ix_webhook_events_merchant_id", "webhook_events", ["merchant_id"])
    op.create_index("ix_webhook_events_payment_id", "webhook_events", ["payment_id"])


def _make_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("endpoint_id", sa.String(), nullable=False),
        sa.Column("merchant_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("response_code", sa.Integer(), nullable=True),
        sa.Column("response_body", sa.Text(), nullable=True),
        sa.Column("ended", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoints.id"], name="fk_deliveries_endpoint_id_endpoints"),
        sa.ForeignKeyConstraint(["event_id"], ["webhook_events.id"], name="fk_deliveries_event_id_webhook_events"),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name="fk_deliveries_merchant_id_merchants"),
        sa.PrimaryKeyConstraint("number", name="pk_deliveries"),
        sa.UniqueConstraint("id", name="uq_deliveries_id"),
    )
    op.create_index("ix_deliveries_due", "deliveries", ["endpoint_id", "state", "next_attempt_at", "number"])
    op.create_index("ix_deliveries_event_id", "deliveries", ["event_id"])
    op.create_index("ix_deliveries_listed", "deliveries", ["merchant_id", "created_at", "number"])


def _make_endpoint_secrets() -> None:
    op.create_table(
        "endpoint_secrets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("endpoint_id", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoints.id"], name="fk_endpoint_secrets_endpoint_id_endpoints"),
        sa.PrimaryKeyConstraint("id", name="pk_endpoint_secrets"),
    )
    op.create_index("ix_endpoint_secrets_endpoint_id", "endpoint_secrets", ["endpoint_id"])


def _make_fulfilments() -> None:
    op.create_table(
        "fulfilments",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_fulfilments_order_id_orders"),
        sa.PrimaryKeyConstraint("order_id", name="pk_fulfilments"),
        sa.UniqueConstraint("key", name="uq_fulfilments_key"),
    )


def _make_payments() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("merchant_id", sa.String(), nullable=False),
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("instrument", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("is_captured_by_merchant", sa.Boolean(), nullable=False),
        sa.Column("to_capture_minor", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.String(24), nullable=False),
        sa.Column("error_code", sa.String(), nullable=False),
        sa.Column("error_description", sa.Text(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_by", sa.String(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("tracking_digest", sa.String(), nullable=False),
        sa.Column("told_status", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name="fk_payments_merchant_id_merchants"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_payments_order_id_orders"),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
    )
    op.create_index("ix_payments_merchant_newest", "payments", ["merchant_id", "created_at", "id"])
    op.create_index("ix_payments_order_id", "payments", ["order_id"])
    op.create_index(
        "ix_payments_session_id",
        "payments",
        ["session_id"],
        unique=True,
        sqlite_where=sa.text("session_id <> ''"),
        postgresql_where=sa.text("session_id <> ''"),
    )
    op.create_index("ix_payments_tracking_digest", "payments", ["tracking_digest"])


def _make_delivery_attempts() -> None:
    op.create_table(
        "delivery_attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("delivery_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.String(24), nullable=False),
        sa.Column("response_code", sa.Integer(), nullable=True),
        sa.Column("response_body", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_number"], ["deliveries.number"], name="fk_delivery_attempts_delivery_number_deliveries"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_attempts"),
    )
    op.create_index("ix_delivery_attempts_delivery_number", "delivery_attempts", ["delivery_number"])


def _make_gateway_answers() -> None:
    op.create_table(
        "gateway_answers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_gateway_answers_payment_id_payments"),
        sa.PrimaryKeyConstraint("id", name="pk_gateway_answers"),
    )
    op.create_index("ix_gateway_answers_payment_id", "gateway_answers", ["payment_id"])


def _make_gateway_orders() -> None:
    op.create_table(
        "gateway_orders",
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("session_key", sa.String(), nullable=False),
        sa.Column("page_url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_gateway_orders_payment_id_payments"),
        sa.PrimaryKeyConstraint("payment_id", name="pk_gateway_orders"),
    )


def _make_inbox_notifications() -> None:
    op.create_table(
        "inbox_notifications",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("word", sa.String(24), nullable=False),
        sa.Column("gateway_reference", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("is_signed", sa.Boolean(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_inbox_notifications_payment_id_payments"),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_notifications"),
        sa.UniqueConstraint("payment_id", "identity", name="uq_inbox_notifications_payment_id_identity"),
    )


def _make_payment_attempts() -> None:
    op.create_table(
        "payment_attempts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("merchant_id", sa.String(), nullable=False),
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("gateway_reference", sa.String(), nullable=True),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("taken_minor", sa.BigInteger(), nullable=False),
        sa.Column("taken_currency", sa.String(), nullable=False),
        sa.Column("settled_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_currency", sa.String(), nullable=False),
        sa.Column("money_reference", sa.String(), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name="fk_payment_attempts_merchant_id_merchants"),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_payment_attempts_payment_id_payments"),
        sa.PrimaryKeyConstraint("id", name="pk_payment_attempts"),
        sa.UniqueConstraint(
            "merchant_id",
            "gateway",
            "gateway_reference",
            name="uq_payment_attempts_merchant_id_gateway_gateway_reference",
        ),
    )
    op.create_index("ix_payment_attempts_payment_id", "payment_attempts", ["payment_id"])


def _make_refunds() -> None:
    op.create_table(
        "refunds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("merchant_id", sa.String(), nullable=False),
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("cause", sa.String(24), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("settled_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_currency", sa.String(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("gateway_key", sa.String(), nullable=False),
        sa.Column("gateway_reference", sa.String(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["payment_attempts.id"], name="fk_refunds_attempt_id_payment_attempts"),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name="fk_refunds_merchant_id_merchants"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_refunds_order_id_orders"),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_refunds_payment_id_payments"),
        sa.PrimaryKeyConstraint("id", name="pk_refunds"),
        sa.UniqueConstraint("gateway_key", name="uq_refunds_gateway_key"),
        sa.UniqueConstraint("payment_id", "reference", name="uq_refunds_payment_id_reference"),
    )
    op.create_index("ix_refunds_attempt_id", "refunds", ["attempt_id"])
    op.create_index("ix_refunds_merchant_newest", "refunds", ["merchant_id", "created_at", "id"])
    op.create_index("ix_refunds_order_id", "refunds", ["order_id"])
    op.create_index("ix_refunds_payment_id", "refunds", ["payment_id"])
