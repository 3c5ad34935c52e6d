"""Two accounts used at once by two processes, in different years and with different faults, never see each other."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.clients.simulated import NO_SETTINGS, World, open_world, simulators

ROOT = Path(__file__).resolve().parents[2]
# Each process plays the whole story many times, so that the two are at it side by side.
PAYMENTS = 15
STORY = """
import json, sys
from tests.clients.sdk_shop import open_sdk_shop
from tests.clients.simulated import World

world = World(*json.loads(sys.argv[1]))
with open_sdk_shop(world.store, world.base_url) as shop:
    for number in range(int(sys.argv[2])):
        shop.open_order(f"{world.account}-{number}", "75.00")
        world.ask("POST", "/shopper", {"action": "pay", "order": f"{world.account}-{number}"})
        world.ask("POST", "/clock/advance", {"by_seconds": 86400})
    print(json.dumps({"ipns": shop.ipns, "delivered": shop.delivered}))
"""


def start(world: World) -> "subprocess.Popen[str]":
    told = json.dumps([world.control, world.account, world.store, world.base_url])
    command = [sys.executable, "-c", STORY, told, str(PAYMENTS)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def orders_in(told: list[Any]) -> set[str]:
    return {one["subject"].split("-")[0] for one in told if one.get("subject")}


def test_two_processes_with_an_account_each_never_see_each_other() -> None:
    with simulators() as control:
        then = open_world(control, "past", now="1999-12-31T18:00:00Z", seed=1)
        later = open_world(control, "future", now="2199-01-01T00:00:00Z", seed=1)
        then.ask("POST", "/faults", {"faults": [{"duplicate": {"copies": 3}}]})
        drop: Any = {"when": {"event": "ipn", "every": 3}, "faults": [{"drop": NO_SETTINGS}]}
        later.ask("POST", "/faults", drop)
        processes = [start(world) for world in (then, later)]
        outcomes = [json.loads(process.communicate(timeout=90)[0]) for process in processes]
        journals = [world.journal() for world in (then, later)]
        clocks = [world.ask("GET", "/clock")["now"] for world in (then, later)]
    assert [len(outcome["delivered"]) for outcome in outcomes] == [PAYMENTS, PAYMENTS - PAYMENTS // 3]
    assert [len(outcome["ipns"]) for outcome in outcomes] == [3 * PAYMENTS, PAYMENTS - PAYMENTS // 3]
    assert [orders_in(told) for told in journals] == [{"past"}, {"future"}]
    assert [{one["account"] for one in told} for told in journals] == [{"past"}, {"future"}]
    years = [{one["at"][:2] for one in told} for told in journals]
    assert years == [{"19", "20"}, {"21"}]
    assert clocks == ["2000-01-15T18:00:00.000000Z", "2199-01-16T00:00:00.000000Z"]
    assert {fault for one in journals[1] for fault in one["faults"]} == {"dropped"}
