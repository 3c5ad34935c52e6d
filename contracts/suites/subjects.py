"""What can be held to a document: where the document is, which listener answers it, what opens its doors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from contracts.binding.loader import read_yaml
from contracts.suites import server, sslcommerz
from contracts.suites.knowledge import Knowledge
from contracts.suites.network import Network

ROOT = Path(__file__).parents[2]

# By name: server, simulators (their control plane), sslcommerz. What is missing was not given.
Addresses = Mapping[str, str]

__all__ = ["SUBJECTS", "Addresses", "Knowledge", "Subject", "load_document"]


def _learn_nothing(network: Network, addresses: Addresses) -> Knowledge:
    del network, addresses
    return Knowledge()


@dataclass(frozen=True, slots=True)
class Subject:
    """One document and whoever answers it.

    `keeps_journal` names the address whose `/_control/journal` tells what a call changed. `refuses` reads a refusal
    out of an answer with 200, for gateways that know no other status; None where a status says it. `is_released`:
    documents of its releases are kept, and what they promised must stand.
    """

    name: str
    document: Path
    listener: str
    keeps_journal: str | None = None
    learn: Callable[[Network, Addresses], Knowledge] = _learn_nothing
    refuses: Callable[[bytes], bool] | None = None
    is_released: bool = False


SUBJECTS: Mapping[str, Subject] = {
    "server": Subject(
        "server",
        ROOT / "openapi.yaml",
        "server",
        keeps_journal="server",
        learn=server.learn,
        is_released=True,
    ),
    "sslcommerz": Subject(
        "sslcommerz",
        ROOT / "contracts" / "gateways" / "sslcommerz" / "openapi.yaml",
        "sslcommerz",
        keeps_journal="simulators",
        learn=sslcommerz.learn,
        refuses=sslcommerz.refuses,
    ),
}


def load_document(path: Path) -> dict[str, Any]:
    """Read an OpenAPI document as the sides read it."""
    return cast("dict[str, Any]", read_yaml(path))
