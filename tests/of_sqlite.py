"""Tests that are not run on PostgreSQL with `--engine postgres`: each by its name, with what it says of SQLite itself.

All others take their database from `tests/reference_server/engine.py`: a test that opens one besides, fails.
"""

from pathlib import Path

_SERVER = "tests/reference_server"
_WORLD = "the world keeps a store of its own; the stories are run by tests/services/test_stories_on_postgres.py"
_PLAN = "reads a step of SQLite's plan by its words; the plans of PostgreSQL are read by the file's other test"
_PROGRAM = "starts programs as users do, with the store that they have by themselves"
_KILLED = "lives.py copies the file and its log as SIGKILL leaves them, and dying.py stands before SQLite's commits"
_WRITER = "of SQLite's one file and its one writer thread with group commit; PostgreSQL's is test_postgres.py"
_OF_THE_WRITER = (
    "test_what_a_unit_wrote_is_read_once_it_has_answered",
    "test_units_in_memory_run_inline_whatever_the_clock",
    "test_a_unit_that_raises_is_undone_and_raises_in_its_caller",
    "test_a_group_runs_again_only_where_a_unit_that_raised_had_changed_something",
    "test_many_units_at_once_share_their_commits_and_none_is_lost",
    "test_a_commit_that_fails_is_told_to_every_unit_of_its_group",
    "test_a_unit_after_which_the_engine_has_rolled_back_everything_takes_its_group_with_it",
    "test_readers_do_not_wait_for_a_writer",
    "test_a_caller_that_was_cancelled_loses_the_answer_and_not_the_change",
    "test_a_second_process_is_refused_and_told_of_postgresql",
    "test_a_file_is_durable_and_serialised",
    "test_a_unit_has_the_write_lock_before_it_reads",
)

OF_SQLITE = {
    "tests/clients/": "starts the simulators, and no server of this side",
    "tests/conformance/test_matrix.py::test_the_reference_server_keeps_every_case": _WORLD,
    "tests/house/": "starts no server",
    "tests/process/": _PROGRAM,
    "tests/scenarios/conformance/test_command.py": _PROGRAM,
    "tests/scenarios/steps/test_forging.py": _WORLD,
    "tests/scenarios/test_commands.py": _PROGRAM,
    "tests/scenarios/test_runner.py": _WORLD,
    "tests/services/": "names its engine itself, and is run on it in every run",
    "tests/simulators/": "starts no server of this side",
    "tests/wire/test_own_process.py": _WORLD,
    "tests/wire/test_picture.py": _WORLD,
    "tests/wire/test_stories.py": _WORLD,
    f"{_SERVER}/control/test_control.py::test_a_start_that_fails_is_told_to_whoever_serves": (
        "the second server of one file is what fails; on PostgreSQL it starts"
    ),
    f"{_SERVER}/doctor/test_broken_database.py": "what is told of a file that is no database",
    f"{_SERVER}/test_cli.py::test_a_second_process_on_the_same_file_is_refused": (
        "one process has the file; of PostgreSQL's many processes test_processes.py tells"
    ),
    **{f"{_SERVER}/test_database.py::{name}": _WRITER for name in _OF_THE_WRITER},
    f"{_SERVER}/test_kills_at_awaits.py": _KILLED,
    f"{_SERVER}/test_kills_of_payments_at_awaits.py": _KILLED,
    f"{_SERVER}/test_log.py::test_a_bug_in_a_served_call_is_told_with_its_place_and_without_what_was_sent": (
        "drops a table of the file; how an error of PostgreSQL is told, another test of that file says"
    ),
    f"{_SERVER}/test_indexes.py::test_asking_for_the_health_costs_the_same_however_much_is_owed": _PLAN,
    (
        f"{_SERVER}/test_indexes.py"
        "::test_the_webhooks_of_one_payment_are_found_by_it_and_not_among_all_of_the_merchants"
    ): _PLAN,
    f"{_SERVER}/test_prepared.py": "names both engines itself, and is run on both in every run",
}


def find_reason(test: str) -> str | None:
    """Return why a test, given by pytest's name of it, is about SQLite; nothing where it is not."""
    file, name = test.partition("::")[0], test.partition("[")[0]
    folders = (f"{folder}/" for folder in Path(file).parents)
    return next((OF_SQLITE[one] for one in (name, file, *folders) if one in OF_SQLITE), None)
