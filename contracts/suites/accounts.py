"""Fresh accounts on both sides for one run of a suite, so that a run beside others' work changes nothing of theirs."""

from typing import Any

from contracts.suites.network import Network, PeerError

TRIES = 1_000


def open_account(network: Network, control: str, *, more: dict[str, object] | None = None) -> Any:
    """Open an account under the first name `contract-N` that is free, and return what the control plane tells of it."""
    taken = {str(one["name"]) for one in network.get(f"{control}/_control/accounts")["accounts"]}
    name = next((name for name in (f"contract-{number}" for number in range(1, TRIES)) if name not in taken), None)
    if name is None:
        raise PeerError(f"{control}: the accounts contract-1 to contract-{TRIES - 1} are all taken; reset that side")
    return network.post(f"{control}/_control/accounts", {"name": name, **(more or {})})
