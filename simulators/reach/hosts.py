"""Under which host names the gateways are known to the world, and which of our listeners plays each."""

from collections.abc import Mapping

from simulators.gateways.registry import GATEWAYS

# Host name to the name of the listener that answers for it.
HOSTS: Mapping[str, str] = {host: name for name, gateway in GATEWAYS.items() for host in gateway.hosts}
