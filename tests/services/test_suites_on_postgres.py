"""The same tests once more with `--engine postgres`: on PostgreSQL with Redis in the place of SQLite.

In ordinary runs a chosen part, which goes through every table and all that Redis is asked for; when proving, every test
of these folders but those that `tests/of_sqlite.py` names.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.suites.settings import handed_on
from reference_server.database import Database
from tests.counts import PROVING
from tests.of_sqlite import OF_SQLITE, find_reason
from tests.reference_server.engine import one_test, placed_url

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "tests" / "reference_server"
# Where tests stage the server in their own process.
FOLDERS = ("tests/properties", "tests/wire", "tests/contracts", "tests/browser")
CHOSEN = (
    "apis/operating/test_operating.py::test_a_well_system_says_so",
    "apis/payments/test_captures.py::test_what_was_captured_in_part_can_be_refunded_whole",
    "apis/payments/test_merchants.py::test_a_rotation_without_overlap_ends_every_older_secret_at_once",
    "apis/payments/test_merchants.py::test_an_email_is_of_one_merchant_whatever_its_capitals",
    "apis/payments/test_orders.py::test_a_list_is_newest_first_and_cut_into_pages",
    "apis/payments/test_payments.py::test_a_declined_payment_says_why_in_code_and_words",
    "apis/payments/test_privacy.py::test_after_an_erasure_no_byte_of_the_file_tells_of_the_shopper",
    "apis/payments/test_privacy.py::test_a_shopper_is_found_by_email_and_phone_however_written",
    "apis/payments/test_privacy.py::test_an_export_is_complete_and_only_theirs",
    "apis/payments/test_refunds.py::test_the_list_is_newest_first_and_filtered",
    "apis/payments/test_stats.py::test_rate_volume_and_time_to_final_are_those_of_the_payments",
    "apis/payments/test_stats.py::test_rows_are_by_gateway_method_and_span_and_add_up",
    "apis/test_hosted_page.py::test_money_on_a_session_whose_answer_was_lost_is_found_by_tran_id",
    "apis/test_idempotency.py::test_a_first_try_that_was_killed_is_taken_up_after_the_restart",
    "apis/test_idempotency.py::test_the_first_answer_is_given_again_byte_for_byte_and_marked",
    "control/test_control.py::test_reset_forgets_orders_and_what_is_owed_and_keeps_accounts_and_clock",
    "door/test_doorstep.py::test_who_asks_too_often_is_told_when_to_ask_again",
    "refunds/test_refunds.py::test_a_refusal_after_a_call_that_a_dead_process_made_frees_nothing",
    "refunds/test_refunds.py::test_of_ten_refunds_of_a_fifth_at_one_instant_five_are_accepted",
    "test_kills.py::test_a_server_that_dies_twice_still_delivers_once",
    "test_system_clock.py::test_a_paid_order_is_delivered_without_anybody_conducting",
    "tracking/test_rooms.py::test_whoever_joined_hears_each_change_of_the_word_once_and_in_order",
    "webhooks/test_delivering.py::test_retry_begins_at_zero_and_keeps_what_was_tried",
)
# Facts of sessions and duplicates, what others are told and heard, and the limiter's count: all that Redis is for.
ASKED_OF_REDIS = {"get", "set", "publish", "subscribe", "evalsha"}


def parts() -> dict[str, tuple[str, ...]]:
    """Return what is run, by name: when proving each folder, so that several run at once and none can be left out."""
    if not PROVING:
        return {"chosen": tuple(f"tests/reference_server/{name}" for name in CHOSEN)}
    folders = [path for path in SERVER.iterdir() if any(path.rglob("test_*.py"))]
    names = [str(path.relative_to(ROOT)) for path in folders]
    loose = tuple(str(path.relative_to(ROOT)) for path in SERVER.glob("test_*.py"))
    return {"loose": loose, **{name: (name,) for name in (*sorted(names), *FOLDERS)}}


def run_on_postgres(*tests: str) -> subprocess.CompletedProcess[str]:
    """Run them as `python3 dev.py test --engine postgres` does, in one process of their own."""
    environment = {**handed_on(), "GATEWRIGHT_PROVE": "1" if PROVING else ""}
    options = ("-q", "--engine=postgres", "-p", "no:cacheprovider", "-o", "timeout=1800")
    command = [sys.executable, "-m", "pytest", *options, *tests]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("part", parts())
def test_what_holds_on_sqlite_holds_on_postgresql_with_redis(part: str) -> None:
    done = run_on_postgres(*parts()[part])
    # Exit code 5: the part has no test that is not of SQLite.
    assert done.returncode in {0, 5}, done.stdout[-30_000:] + done.stderr[-3_000:]
    print(*done.stdout.splitlines()[-2:], sep="\n")  # noqa: T201  -rP shows how many
    asked = set(re.findall(r"([a-z]+) \d+", done.stdout.rpartition("Redis heard")[2]))
    assert part != "chosen" or asked >= ASKED_OF_REDIS


@pytest.mark.parametrize("name", OF_SQLITE)
def test_what_is_left_out_is_there_to_be_left_out(name: str) -> None:
    file, _, test = name.partition("::")
    assert (ROOT / file).exists()
    assert not test or re.search(rf"^(async )?def {test}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE)
    one_of_it = f"{name}[of-a-table]" if test else f"{name}test_x.py::test_y" if name[-1] == "/" else f"{name}::test_y"
    assert find_reason(one_of_it)


def test_no_name_leaves_out_one_that_begins_alike() -> None:
    assert [find_reason(f"{name}_too") for name in OF_SQLITE if "::" in name] == [None] * sum(
        "::" in name for name in OF_SQLITE
    )


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///{folder}/server.db"])
def test_a_database_that_was_not_asked_for_where_engines_are_chosen_is_noticed(url: str, tmp_path: Path) -> None:
    for asked, strays in ((False, 1), (True, 0)):
        with one_test() as found:
            there = url.format(folder=tmp_path)
            database = Database(placed_url(there) if asked else there, inline=lambda: True)
            database.open()
            database.close()
        assert min(len(found), 1) == strays
