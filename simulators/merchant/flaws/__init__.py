"""Every flaw of the played shop: one file each, told here in the order of the cases that accuse them."""

from collections.abc import Iterable, Mapping
from typing import Final

from simulators.errors import SettingsError
from simulators.merchant.flaws import (
    accepts_a_missing_proof,
    accepts_any_val_id,
    accepts_only_valid,
    allows_a_slack_of_one_unit,
    cancel_return_ends_the_order,
    cancelled_orders_stay_cancelled,
    checks_no_proof_and_trusts_the_status,
    compares_the_amount_with_itself,
    covers_only_what_the_sender_names,
    creates_a_second_session_blind,
    delivers_what_was_refunded,
    drops_empty_fields,
    expects_json,
    fails_the_risky_payment,
    failure_after_success_undoes,
    follows_a_redirected_validator,
    forgets_duplicates_after_a_restart,
    forgets_duplicates_after_a_while,
    forgets_early_news,
    fulfils_each_duplicate,
    fulfils_on_the_return,
    fulfils_while_held,
    gives_up_the_delivery,
    honours_test_switches,
    ignores_success_after_failure,
    ignores_the_currency,
    marks_the_duplicate_before_the_work,
    no_reconciliation,
    older_failure_undoes_newer_success,
    pastes_the_val_id_into_the_address,
    price_from_the_client,
    provisioning_retried_with_a_new_key,
    refund_retried_with_a_new_reference,
    refunds_are_not_summed,
    refunds_at_the_first_failed_delivery,
    refunds_in_flight_are_not_counted,
    second_payment_delivers_again,
    second_payment_is_ignored,
    settles_on_a_stale_reading,
    settles_on_each_channel,
    settles_on_the_return_too,
    store_amount_compared,
    takes_any_amount,
    takes_any_store_it_knows,
    takes_silence_for_a_yes,
    trims_before_hashing,
    trusts_the_forwarded_address,
    val_id_settles_again,
    validation_timeout_is_failure,
    wants_a_csrf_token,
    works_with_a_blank_password,
    writes_what_it_read_before_the_call,
)
from simulators.merchant.flaws.flaw import Flaw
from simulators.merchant.played.decisions import Decisions
from simulators.merchant.played.floor import Floor

_FILES: Final = (
    checks_no_proof_and_trusts_the_status,
    accepts_a_missing_proof,
    works_with_a_blank_password,
    trims_before_hashing,
    drops_empty_fields,
    fulfils_on_the_return,
    cancel_return_ends_the_order,
    honours_test_switches,
    takes_any_store_it_knows,
    trusts_the_forwarded_address,
    covers_only_what_the_sender_names,
    follows_a_redirected_validator,
    pastes_the_val_id_into_the_address,
    expects_json,
    wants_a_csrf_token,
    takes_any_amount,
    compares_the_amount_with_itself,
    allows_a_slack_of_one_unit,
    ignores_the_currency,
    accepts_any_val_id,
    val_id_settles_again,
    price_from_the_client,
    store_amount_compared,
    fulfils_while_held,
    fails_the_risky_payment,
    fulfils_each_duplicate,
    settles_on_a_stale_reading,
    settles_on_each_channel,
    forgets_duplicates_after_a_restart,
    forgets_duplicates_after_a_while,
    marks_the_duplicate_before_the_work,
    accepts_only_valid,
    failure_after_success_undoes,
    ignores_success_after_failure,
    cancelled_orders_stay_cancelled,
    forgets_early_news,
    older_failure_undoes_newer_success,
    settles_on_the_return_too,
    writes_what_it_read_before_the_call,
    second_payment_is_ignored,
    second_payment_delivers_again,
    refunds_are_not_summed,
    refunds_in_flight_are_not_counted,
    delivers_what_was_refunded,
    refunds_at_the_first_failed_delivery,
    provisioning_retried_with_a_new_key,
    creates_a_second_session_blind,
    validation_timeout_is_failure,
    takes_silence_for_a_yes,
    refund_retried_with_a_new_reference,
    no_reconciliation,
    gives_up_the_delivery,
)
FLAWS: Final[tuple[Flaw, ...]] = tuple(file.FLAW for file in _FILES)
_BY_NAME: Final[Mapping[str, Flaw]] = {flaw.name: flaw for flaw in FLAWS}


def decide(floor: Floor, names: Iterable[str]) -> Decisions:
    """Return the right shop's decisions with these flaws seeded. Raises `SettingsError` naming those that are none."""
    wanted = tuple(dict.fromkeys(names))
    unknown = sorted(set(wanted) - set(_BY_NAME))
    if unknown:
        raise SettingsError(f"flaws: {', '.join(unknown)}: no such flaw; GET /_control/flaws lists them")
    bases = tuple(_BY_NAME[name].decisions for name in wanted)
    seeded: type[Decisions] = type("Seeded", (*bases, Decisions), {})
    return seeded(floor)


__all__ = ["FLAWS", "Flaw", "decide"]
