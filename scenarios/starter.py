"""The scenario that `gatewright new` writes: whole, commented, and kept as it stands."""

import json
import re

STARTER_NAME = "The IPN comes ten minutes late"
NAME_LETTERS_MAX = 120

_STARTER = """\
# An example to begin with, of an IPN that comes late: put your own fault and expectations in its place.
# Play it: gatewright run FILE. Check it: gatewright check FILE. All steps and faults: gatewright steps.
version: 1
name: {name}
description: >-
  What this story guards, for whoever sees it fail. Here: until somebody tells the server of the payment, nothing is
  delivered; once it is told, the order is delivered once.
gateway: sslcommerz
# Words to choose it by: gatewright run --tag first-steps
tags: [first-steps]
steps:
  # Misbehaviour is armed before it is to happen. Several faults in a row are a list.
  - inject_fault:
      when: {{event: ipn}}
      faults:
        - late: {{by: 10m}}
  # The merchant's backend asks the server for a payment. `as` is the name by which later lines mean it.
  - open_payment: {{as: licence, amount: "1250.00"}}
  # The shopper pays at the checkout page, and the browser comes back to the shop.
  - pay: {{order: licence, method: visa}}
  # Now, at this very instant of virtual time:
  - expect: {{order: licence, status: PENDING, provisioned: 0}}
  # Within eleven minutes of virtual time, which take milliseconds:
  - expect: {{within: 11m, order: licence, status: SUCCESS, provisioned: 1}}
# What must hold when all that falls due in the week after has run.
finally:
  - {{order: licence, state: CAPTURED, fulfilment: DONE, provisioned: 1}}

# The same story for several values: write <minutes> where a value belongs, and a row for each.
# examples:
#   - {{minutes: 10m}}
#   - {{minutes: 2h}}
"""


def starter(name: str) -> str:
    """Return the file's text."""
    return _STARTER.format(name=json.dumps(name, ensure_ascii=False))


def file_name(name: str) -> str:
    """Return the name of the file: what happens, in small letters."""
    return "_".join(re.findall(r"[a-z0-9]+", name.lower()))[:80].strip("_") + ".yaml"


def why_no_name(name: str) -> str | None:
    """Return why a scenario cannot be called so, or None."""
    if not re.search(r"[a-z0-9]", name.lower()):
        return "a name takes letters or digits, since the file is named after it"
    if len(name) > NAME_LETTERS_MAX or not name.isprintable():
        return f"a name is one line of at most {NAME_LETTERS_MAX} characters"
    return None
