"""What holds for every test: how Hypothesis draws."""

from hypothesis import HealthCheck, settings

from tests.counts import PROVING, large

# Without deadlines, since none of our tests is about speed. In CI the same examples each time; when proving, new ones,
# and a failure prints the line that repeats it.
settings.register_profile(
    "gatewright",
    max_examples=large(1_000),
    derandomize=not PROVING,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("gatewright")
