"""The sandbox acquirer: a gateway inside this process, without a network, that every merchant has."""

from reference_server.gateways.sandbox.api import NAME, Sandbox
from reference_server.gateways.sandbox.states import SandboxTerms

__all__ = ["NAME", "Sandbox", "SandboxTerms"]
