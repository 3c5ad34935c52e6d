"""Makes the calls of one PyPI SDK as it is told, a line of JSON each, and answers a line each: {answer} or {error}.

Run by the Python in which the SDK is installed, so it imports nothing else.
"""

import importlib
import json
import sys
from typing import Any

Store = dict[str, str]


def make_lib(store: Store, base: str | None) -> list[Any]:
    made = importlib.import_module("sslcommerz_lib").SSLCOMMERZ(
        {"store_id": store["store_id"], "store_pass": store["store_passwd"], "issandbox": True}
    )
    if base:
        made.createSessionUrl = f"{base}/gwprocess/v4/api.php"
        made.validation_url = f"{base}/validator/api/validationserverAPI.php"
        made.transaction_url = f"{base}/validator/api/merchantTransIDvalidationAPI.php"
    return [made]


def make_python(store: Store, base: str | None) -> list[Any]:
    sdk = importlib.import_module("sslcommerz_python.payment")
    made = [kind(True, store["store_id"], store["store_passwd"]) for kind in (sdk.SSLCSession, sdk.Validation)]
    if base:
        made[0].sslc_session_api = f"{base}/gwprocess/v4/api.php"
        made[1].sslc_validation_api = f"{base}/validator/api/validationserverAPI.php"
    return made


def make_sdk(store: Store, base: str | None) -> list[Any]:
    more = {"base_url": base} if base else {}
    services = importlib.import_module("sslcommerz_sdk.services")
    made = importlib.import_module("sslcommerz_sdk.store").SslcommerzStore(**store, **more)
    return [made, services]


MAKERS = {"sslcommerz-lib": make_lib, "sslcommerz-python": make_python, "sslcommerz-sdk": make_sdk}


def answer(parts: list[Any], asked: dict[str, Any]) -> dict[str, Any]:
    part = next(part for part in parts if hasattr(part, asked["call"]))
    try:
        return {"answer": getattr(part, asked["call"])(*asked["args"], **asked["more"])}
    except Exception as thrown:  # noqa: BLE001  # whatever the SDK raises is what its user would see
        return {"error": f"{type(thrown).__name__}: {thrown}"}


def main() -> None:
    told = json.loads(sys.argv[1])
    parts = MAKERS[told["sdk"]](told["store"], told["base_url"])
    answers, sys.stdout = sys.stdout, sys.stderr  # the SDKs print
    for line in sys.stdin:
        answers.write(json.dumps(answer(parts, json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
