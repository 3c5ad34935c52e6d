"""UPI addresses: which are some, and how much of one is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.instruments.upi import is_upi_address, mask_upi_address


@pytest.mark.parametrize(
    "address", ["rahul@okbank", "9876543210@ybl", "a.b-c_d@upi", "x@sbi", "Rahul.Sharma@okHDFCbank", "1@ab"]
)
def test_what_can_be_a_upi_address_is_one(address: str) -> None:
    assert is_upi_address(address)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "@",
            "rahul",
            "rahul@",
            "@upi",
            "rahul@@upi",
            "a@b@c",
            "rahul@1upi",
            "rahul@u",
            ".rahul@upi",
            "rahul.@upi",
        ),
        *(
            "ra hul@upi",
            "rahul@ok.bank",
            "rahul@okbank\n",
            "\nrahul@upi",
            "räul@upi",
            "rahul@upi\u200b",
            "rahul@up\u0131",
        ),
        *("x" * 256 + "@upi", "x@" + "u" * 66, "$ne@upi", "rahul@upi' or 1=1--"),
    ],
)
def test_what_can_be_none_is_refused(text: str) -> None:
    assert not is_upi_address(text)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("9876543210@ybl", "98***@ybl"),
        ("rahul@okBank", "ra***@okbank"),
        ("abcd@upi", "a***@upi"),
        ("a@upi", "a***@upi"),
    ],
)
def test_of_an_address_its_beginning_and_handle_are_shown(address: str, shown: str) -> None:
    assert mask_upi_address(address) == shown


@given(st.from_regex(r"[A-Za-z0-9]{5,30}@[a-z]{2,10}", fullmatch=True))
def test_the_rest_of_the_name_is_never_shown(address: str) -> None:
    name = address.partition("@")[0]
    assert name not in mask_upi_address(address).partition("@")[0]
