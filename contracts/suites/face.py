"""The same suite for pytest: a schema of Schemathesis with our settings, our checks and credentials.

@pytest.fixture(scope="session")
def api():
    with open_schema("server", max_examples=20) as schema:  # or url="http://127.0.0.1:8000", headers={…}
        yield schema

schema = schemathesis.pytest.from_fixture("api")

@schema.parametrize()
def test_every_operation_keeps_to_the_document(case):
    case.call_and_validate()
"""

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import schemathesis

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
        settings = settings_for(
            document, Round(seed, max_examples, words_only=subject.refuses is not None, hides=bool(headers))
        )
        configs: Any = schemathesis.Config
        schema: Any = schemathesis.openapi.from_dict(document, config=configs.from_dict(settings))
        schema.config.update(base_url=addresses[subject.listener])
        _dress(schema, document, knowledge)
        yield schema


def _dress(schema: Any, document: Mapping[str, Any], knowledge: Knowledge) -> None:
    idempotent = {name for name in names_of(document) if says(document, name, "x-idempotent")}
    wardrobe = Wardrobe(knowledge, idempotent)

    def before_call(context: object, case: Any, kwargs: dict[str, object]) -> None:
        del context, kwargs
        wardrobe.dress(case)

    schema.hook(before_call)
