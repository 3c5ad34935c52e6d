"""The reference server's own suites once more, on PostgreSQL in the place of SQLite: what they say holds on both.

In ordinary runs a chosen part, which goes through every table; all of it when proving. Left out are only the suites
that never open a database, and those that speak of SQLite's threads or files themselves.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from importlib import import_module

import pytest

from tests.counts import PROVING
from tests.reference_server.engine import on_postgres
from tests.services.postgres_server import PostgresServer

SUITES = (
    "apis.operating.test_operating",
    "apis.payments.test_captures",
    "apis.payments.test_hostile_payments",
    "apis.payments.test_merchants",
    "apis.payments.test_orders",
    "apis.payments.test_payments",
    "apis.payments.test_privacy",
    "apis.payments.test_refunds",
    "apis.payments.test_stats",
    "apis.test_hosted_page",
    "apis.test_idempotency",
    "apis.test_order_fields",
    "apis.test_processing_page",
    "control.test_control",
    "control.test_one_account",
    "fulfilment.test_ends",
    "fulfilment.test_provisioning",
    "notifications.test_ends",
    "notifications.test_forgeries",
    "notifications.test_hearsay",
    "notifications.test_ipn",
    "payments.test_acquiring",
    "payments.test_reconcile",
    "payments.test_review",
    "refunds.test_refunds",
    "test_system_clock",
    "tracking.test_rooms",
    "webhooks.test_delivering",
)
# Of each suite in ordinary runs: the tests whose name has one of these.
CHOSEN: Mapping[str, tuple[str, ...]] = {
    "apis.payments.test_captures": ("part",),
    "apis.payments.test_merchants": ("rotat",),
    "apis.payments.test_orders": ("list", "page"),
    "apis.payments.test_payments": ("approved", "declined", "list"),
    "apis.payments.test_privacy": ("eras",),
    "apis.payments.test_refunds": ("part", "fifth", "more_than"),
    "apis.payments.test_stats": ("rate_volume", "rows_are_by"),
    "apis.test_hosted_page": ("lost_is_found_by_tran_id",),
    "apis.test_idempotency": ("twin", "again"),
    "control.test_control": ("restart", "forg"),
    "fulfilment.test_provisioning": ("killed", "restart"),
    "notifications.test_ipn": ("twice",),
    "payments.test_reconcile": ("never_comes",),
    "refunds.test_refunds": ("parts_add_up", "fifth", "restart"),
    "test_system_clock": ("without_anybody",),
    "webhooks.test_delivering": ("begins_at_zero", "somebody_retries"),
}
# What is about the file in which SQLite keeps everything; and what a server may take for dead at once because it is
# alone on its database: beside others it has to wait for the lease to lapse.
OF_SQLITE_ALONE = ("of_the_file", "canaries_are_where", "first_try_that_was_killed")


@pytest.fixture(autouse=True)
def _instead_of_sqlite(postgres: PostgresServer) -> Generator[None]:
    with on_postgres(postgres):
        yield


def chosen_of(suite: str) -> Iterator[tuple[str, Callable[..., object]]]:
    """Return a suite's tests that are run here, by names of their own."""
    words = ("",) if PROVING else CHOSEN.get(suite, ())
    for name, test in vars(import_module(f"tests.reference_server.{suite}")).items():
        is_wanted = name.startswith("test_") and any(word in name for word in words)
        if is_wanted and not any(word in name for word in OF_SQLITE_ALONE):
            yield f"test_{suite.rpartition('.')[2].removeprefix('test_')}__{name.removeprefix('test_')}", test


globals().update(one for suite in SUITES for one in chosen_of(suite))
