"""Every played gateway, by name."""

from collections.abc import Mapping

from simulators.gateways.gateway import Gateway
from simulators.gateways.sslcommerz import GATEWAY as SSLCOMMERZ

GATEWAYS: Mapping[str, Gateway] = {gateway.name: gateway for gateway in (SSLCOMMERZ,)}
