"""What the journal blanks: the values of secret fields by name, and known secrets wherever they are."""

from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.redaction import SECRET_LENGTH_MIN, Redaction, secrets_of


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"store_id=a&store_passwd=qwerty&v=1", "store_id=a&store_passwd=***&v=1"),
        (b"store_passwd=qwerty", "store_passwd=***"),
        (b"Store_Passwd=qwerty&x=1", "Store_Passwd=***&x=1"),
        (b"store_passwd[]=qwerty&x=1", "store_passwd[]=***&x=1"),
        (b"store_passwd%5B0%5D=qwerty&x=1", "store_passwd%5B0%5D=***&x=1"),
        (b"a=b;store_passwd=qwerty", "a=b;store_passwd=***"),
        (b'{"store_passwd": "qw\\"erty", "a": 1}', '{"store_passwd": "***", "a": 1}'),
        (b'{"api_secret":"cut off in the mid', '{"api_secret":"***'),
        (b"my_store_passwd_hint=no", "my_store_passwd_hint=no"),
        (b"\xff\xfe", "��"),
    ],
)
def test_secret_values_are_blanked_in_forms_and_json(body: bytes, shown: str) -> None:
    assert Redaction().blank_body(body) == shown


SECRET = 'q w/"é+%\\z'


@pytest.mark.parametrize(
    "shape",
    [
        SECRET,
        quote(SECRET),
        quote_plus(SECRET),
        quote(SECRET, safe="").lower(),
        quote(quote_plus(SECRET), safe=""),
        'q w/\\"é+%\\\\z',
        'q w/\\"\\u00e9+%\\\\z',
    ],
)
@pytest.mark.parametrize("around", ["/path/{}/x", 'name="p"\r\n\r\n{}\r\n--b--', "store%5Fpasswd={}"])
def test_a_known_secret_is_blanked_wherever_and_however_it_is_written(shape: str, around: str) -> None:
    redaction = Redaction()
    redaction.hide([SECRET])
    assert redaction.blank_text(around.format(shape)) == around.format("***")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=SECRET_LENGTH_MIN, max_size=20))
def test_no_secret_is_left_in_a_form(secret: str) -> None:
    redaction = Redaction()
    redaction.hide([secret])
    assert redaction.blank_text("\x00" + urlencode({"x": secret})[2:]) == "\x00***"


@pytest.mark.parametrize(("is_cut", "shown"), [(True, "a=***"), (False, "a=qwert")])
def test_what_is_left_of_a_secret_where_a_body_is_cut_off_is_blanked(is_cut: bool, shown: str) -> None:  # noqa: FBT001  # a table's column
    redaction = Redaction()
    redaction.hide(["qwerty"])
    assert redaction.blank_body(b"a=qwert", is_cut=is_cut) == shown


def test_what_is_too_short_to_be_a_secret_is_left_alone() -> None:
    redaction = Redaction()
    redaction.hide(["", "100"])
    assert redaction.blank_text("amount=100") == "amount=100"


def test_of_credentials_only_what_opens_something_is_secret() -> None:
    assert secrets_of({"store_id": "testbox", "store_passwd": "qwerty"}) == ["qwerty"]
