"""What is counted is shown under its name; what is read anew is shown as it was seen; labels stay few."""

from prometheus_client.parser import text_string_to_metric_families

from reference_server.changes import Change
from reference_server.operating.meters import Meters
from tests.reference_server.operating.shown import a_worker, counted, everything_shown, seen

LABELS = {"operation", "status", "reason", "resource", "state", "gateway", "outcome", "verdict", "job", "queue", "le"}


def value(text: str, name: str, **labels: str) -> float | None:
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return next((one.value for one in samples if (one.name, one.labels) == (name, labels)), None)


def test_what_was_counted_is_shown() -> None:
    told = everything_shown()
    assert value(told, "gatewright_requests_total", operation="readStatus", status="201") == 1
    assert value(told, "gatewright_request_seconds_count", operation="readStatus") == 5
    assert value(told, "gatewright_changes_total", resource="payment", state="CAPTURED") == 1
    assert value(told, "gatewright_job_runs_total", job="send_refund", outcome="raised") == 1
    assert value(told, "gatewright_delivery_attempts_total", outcome="timed_out") == 1
    labels = {"gateway": "sslcommerz", "operation": "validateOrder", "outcome": "5xx"}
    assert value(told, "gatewright_gateway_calls_total", **labels) == 1


def test_what_was_seen_is_shown() -> None:
    told = everything_shown()
    assert value(told, "gatewright_queue_jobs", queue="payment", state="waiting") == 3
    assert value(told, "gatewright_queue_age_seconds", queue="webhook") == 90
    assert value(told, "gatewright_queue_runs_total", queue="refund", outcome="completed") == 40
    assert (value(told, "gatewright_workers"), value(told, "gatewright_sockets")) == (1, 5)
    assert (value(told, "gatewright_database_up"), value(told, "gatewright_redis_up")) == (1, 1)


def test_only_workers_whose_heart_beats_and_that_run_jobs_are_counted() -> None:
    told = Meters().render(seen(a_worker(), a_worker(is_alive=False), a_worker(runs_jobs=False))).decode()
    assert value(told, "gatewright_workers") == 1


def test_without_redis_nothing_is_said_of_it() -> None:
    assert "redis" not in Meters().render(seen(redis=None)).decode()


def test_every_name_begins_with_ours_and_every_label_takes_few_values() -> None:
    families = list(text_string_to_metric_families(everything_shown()))
    names = [one.name for one in families if not one.name.startswith("process_")]
    assert [name for name in names if not name.startswith("gatewright_")] == []
    assert {label for one in families for sample in one.samples for label in sample.labels} <= LABELS


def test_neither_an_id_nor_a_sum_gets_into_a_label() -> None:
    meters = counted()
    meters.count_changes([Change("payment", f"GW-{number}", "PENDING", "FAILED", "x", "y") for number in range(1000)])
    told = meters.render(seen()).decode()
    assert "GW-" not in told
    assert value(told, "gatewright_changes_total", resource="payment", state="FAILED") == 1001


def test_each_server_of_a_process_counts_for_itself() -> None:
    one, other = Meters(), Meters()
    one.count_refusal("too_large")
    assert "too_large" in one.render(seen()).decode()
    assert "too_large" not in other.render(seen()).decode()
