"""The adversaries, one file a gateway. Nothing neutral lives here."""

from collections.abc import Callable, Mapping

from scenarios.conformance.adversary import Adversary
from scenarios.conformance.gateways.sslcommerz import SslcommerzAdversary

ADVERSARIES: Mapping[str, Callable[[Mapping[str, str]], Adversary]] = {"sslcommerz": SslcommerzAdversary}

__all__ = ["ADVERSARIES"]
