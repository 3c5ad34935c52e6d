"""UPI addresses (VPA): name@handle. Which handles exist is the banks' affair; the sandbox knows every one."""

import re

# NPCI's UPI linking specification 1.6: letters, digits, dot and hyphen before the @ (PSPs allow the underscore too);
# the handle is letters and digits.
_ADDRESS = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?@[A-Za-z][A-Za-z0-9]{1,63}", re.ASCII)
ADDRESS_MAX = 255


def is_upi_address(text: str) -> bool:
    """Say whether this can be a UPI address."""
    return len(text) <= ADDRESS_MAX and _ADDRESS.fullmatch(text) is not None


def mask_upi_address(address: str) -> str:
    """Return so much of an address as may be shown: often it is a telephone number."""
    name, _, handle = address.partition("@")
    return f"{name[:2] if len(name) > 4 else name[:1]}***@{handle.lower()}"
