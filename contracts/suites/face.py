"""The same suite for pytest: a schema of Schemathesis with our settings, our checks and credentials.

    @pytest.fixture(scope="session")
    def api():
        with open_schema("server") as schema:  # or url="http://127.0.0.1:8000", headers={…}
            yield schema

    @pytest.mark.parametrize("name", list_operations("server"))
    def test_every_operation_keeps_to_the_document(api, name):
        hold(api, name, max_examples=20)

Schemathesis' own `parametrize` takes it as well, where its version goes together with that of pytest.
"""

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import hooks as schemathesis_hooks

from contracts.suites import hooks
from contracts.suites.generation import Round, names_of, says, settings_for
from contracts.suites.knowledge import Knowledge, Wardrobe
from contracts.suites.network import Network
from contracts.suites.standing import standing
from contracts.suites.subjects import SUBJECTS, load_document


@contextmanager
def open_schema(
    name: str,
    *,
    url: str | None = None,
    headers: Mapping[str, str] | None = None,
    seed: int = 1,
    max_examples: int = 20,
) -> Generator[Any]:
    """Yield the schema of a subject: of a side started for the purpose, or of whoever answers at `url`.

    `headers` are the credentials there; without them the suite opens a merchant of its own over `/_control`. Raises
    `PeerError` where that is not answered.
    """
    subject = SUBJECTS[name]
    document = load_document(subject.document)
    with ExitStack() as stack:
        addresses = {subject.listener: url} if url else stack.enter_context(standing(name, seed=seed))
        if headers is None:
            network = Network()
            stack.callback(network.close)
            knowledge = subject.learn(network, addresses)
        else:
            knowledge = Knowledge(headers)
        if knowledge.other:
            hooks.OTHERS[addresses[subject.listener]] = knowledge.other
        asked = settings_for(
            document, Round(seed, max_examples, words_only=subject.refuses is not None, hides=bool(headers))
        )
        configs: Any = schemathesis.Config
        schema: Any = schemathesis.openapi.from_dict(document, config=configs.from_dict(asked))
        schema.config.update(base_url=addresses[subject.listener])
        stack.enter_context(_dressed(document, knowledge))
        yield schema


# What Hypothesis says of slow and picky strategies is about our document, and helps nobody who holds a server to it.
UNASKED = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


def list_operations(name: str) -> list[str]:
    """Return every operation of a subject by verb and path: what `hold` is called with."""
    return list(names_of(load_document(SUBJECTS[name].document)))


def hold(schema: Any, name: str, *, max_examples: int = 20) -> None:
    """Hold one operation to the document with so many requests. Raises for a broken promise."""
    method, _, path = name.partition(" ")
    requests: Any = schema[path][method].as_strategy()

    @settings(max_examples=max_examples, deadline=None, database=None, suppress_health_check=UNASKED)
    @given(case=requests)
    def ask(case: Any) -> None:
        case.call_and_validate()

    ask()


@contextmanager
def _dressed(document: Mapping[str, Any], knowledge: Knowledge) -> Generator[None]:
    """Dress every case on its way out: Schemathesis has this hook for all schemas alike."""
    idempotent = {name for name in names_of(document) if says(document, name, mark="x-idempotent")}
    wardrobe = Wardrobe(knowledge, idempotent)

    def before_call(context: object, case: Any, kwargs: dict[str, object]) -> None:
        del context, kwargs
        wardrobe.dress(case)

    # Schemathesis types its hooks by half.
    registry: Any = schemathesis_hooks
    registry.hook(before_call)
    try:
        yield
    finally:
        registry.unregister(before_call)
