"""Every place where a shopper could be found is thought about, and what is taken out of it stays out."""

import pytest
from sqlalchemy import JSON, Enum, LargeBinary, String
from sqlmodel import SQLModel

from reference_server import tables
from reference_server.privacy.fields import KEPT, OF_NO_SHOPPER, PLACES, Place, goes

# Whatever can hold a sentence; an enum's names are ours.
TEXT = (JSON, LargeBinary, String)


def columns_of_text(table: str) -> set[str]:
    columns = SQLModel.metadata.tables[table].columns
    return {column.name for column in columns if isinstance(column.type, TEXT) and not isinstance(column.type, Enum)}


def test_every_table_is_a_shoppers_place_or_has_none() -> None:
    assert tables.ALL
    every = set(SQLModel.metadata.tables)
    places = {place.name for place in PLACES}
    assert every == places | OF_NO_SHOPPER
    assert not places & OF_NO_SHOPPER


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_every_column_of_text_goes_or_is_kept_on_purpose(place: Place) -> None:
    named = set(place.blanks) | set(place.kept)
    assert not set(place.blanks) & set(place.kept)
    assert named >= columns_of_text(place.name), "say in privacy/fields.py what becomes of it in an erasure"
    assert named <= set(SQLModel.metadata.tables[place.name].columns.keys())
    assert place.hidden <= place.kept


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_the_rows_of_a_place_are_found_by_a_column_that_it_has(place: Place) -> None:
    assert place.by in SQLModel.metadata.tables[place.name].columns


def test_what_goes_and_what_stays_is_told_in_words() -> None:
    assert {"orders.shopper", "payments.instrument", "audit_lines.cause", "inbox_notifications.raw"} <= set(goes())
    assert all(line.strip() for line in KEPT)
