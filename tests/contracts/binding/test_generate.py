"""The wire types that are generated for the type checker."""

from pathlib import Path

import pytest

from contracts.binding.generate import generate, main

DOCUMENT = Path(__file__).parent / "shop.yaml"


def test_the_types_are_those_of_the_values_that_the_kit_reads() -> None:
    text = generate(DOCUMENT)
    for line in (
        '"""The wire types of shop.yaml, for the type checker.',
        "from decimal import Decimal\n",
        "class Order(TypedDict):",
        "    amount: Decimal | int",
        "    id: NotRequired[str]",
        "    made: NotRequired[str]",
        "    count: NotRequired[int]",
        "class ListOrdersParametersQuery(TypedDict):",
        "    price: NotRequired[Decimal | int]",
    ):
        assert line in text


def test_the_same_document_gives_the_same_text() -> None:
    assert generate(DOCUMENT) == generate(DOCUMENT)


def test_a_module_is_written_and_then_fresh_until_it_is_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    module = tmp_path / "models.py"
    arguments = [str(DOCUMENT), str(module)]
    assert main([*arguments, "--check"]) == 1
    assert main(arguments) == 0
    assert main([*arguments, "--check"]) == 0
    module.write_text("# changed by hand\n", encoding="utf-8")
    assert main([*arguments, "--check"]) == 1
    assert "is stale: python -m contracts.binding.generate" in capsys.readouterr().err


def test_a_document_that_cannot_be_loaded_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.yaml"), str(tmp_path / "models.py")]) == 2
    assert "none.yaml: cannot be read" in capsys.readouterr().err
