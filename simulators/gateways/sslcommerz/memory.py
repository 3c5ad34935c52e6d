"""What one store remembers: sessions with their attempts and refunds, bounded, found by each of their ids."""

from dataclasses import dataclass, field, replace
from typing import Final, cast

from simulators.errors import NoSuchThing, NotPossible
from simulators.gateways.gateway import Desk
from simulators.gateways.sslcommerz.states import ATTEMPTS_MAX, Attempt, Refund, Session, is_final

# What of a request is told again later. The rest is let go: a merchant may send a megabyte of it.
KEPT_FIELDS: Final = (
    *("store_id", "tran_id", "product_name", "success_url", "fail_url", "cancel_url", "ipn_url"),
    *("multi_card_name", "allowed_bin"),
    *("emi_option", "emi_max_inst_option", "emi_selected_inst", "emi_allow_only"),
    *("value_a", "value_b", "value_c", "value_d"),
)
SESSIONS_MAX: Final = 10_000
# Refunds of one session; each is at least a paisa, so that without a bound 50 million could be.
REFUNDS_MAX: Final = 1_000
# Characters of all kept fields together; sessions of the usual size are some hundreds each.
TEXT_MAX: Final = 16 * 1024 * 1024


@dataclass(slots=True)
class Memory:
    """What one store remembers; of more sessions than it holds, the oldest that is over goes first."""

    sessions_max: int = SESSIONS_MAX
    text_max: int = TEXT_MAX
    text: int = 0
    sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    _by_order: dict[str, list[Session]] = field(default_factory=dict[str, list[Session]])
    # val_ids and bank_tran_ids to their session; refund_ref_ids to theirs.
    _by_val_id: dict[str, Session] = field(default_factory=dict[str, Session])
    _by_bank_id: dict[str, Session] = field(default_factory=dict[str, Session])
    _by_refund: dict[str, Session] = field(default_factory=dict[str, Session])

    def add(self, session: Session) -> list[Session]:
        """Remember a session; return those that had to go for it. Raises `NotPossible` for a key that is known."""
        if session.key in self.sessions:
            raise NotPossible(
                f"the session {session.key} is there already; reset the account before a seed is repeated"
            )
        self.sessions[session.key] = session
        self._by_order.setdefault(session.tran_id, []).append(session)
        self.text += session.text
        gone: list[Session] = []
        while len(self.sessions) > 1 and (len(self.sessions) > self.sessions_max or self.text > self.text_max):
            gone.append(self._let_go(session))
        return gone

    def _let_go(self, newest: Session) -> Session:
        others = [one for one in self.sessions.values() if one is not newest]
        old = next((one for one in others if is_final(one.state)), others[0])
        del self.sessions[old.key]
        self.text -= old.text
        self._by_order[old.tran_id].remove(old)
        if not self._by_order[old.tran_id]:
            del self._by_order[old.tran_id]
        for attempt in old.attempts:
            self._by_val_id.pop(attempt.val_id, None)
            self._by_bank_id.pop(attempt.bank_tran_id, None)
        for refund in old.refunds:
            self._by_refund.pop(refund.ref_id, None)
        return old

    def add_attempt(self, session: Session, attempt: Attempt) -> None:
        """Remember what a shopper tried. Raises `NotPossible` for a val_id that is known, or for one try too many."""
        if attempt.val_id in self._by_val_id:
            raise NotPossible(
                f"the val_id {attempt.val_id} is there already; reset the account before a seed is repeated"
            )
        if len(session.attempts) >= ATTEMPTS_MAX:
            raise NotPossible(f"the session was tried {ATTEMPTS_MAX} times: it takes no more")
        session.attempts.append(attempt)
        self._by_bank_id[attempt.bank_tran_id] = session
        if attempt.val_id:
            self._by_val_id[attempt.val_id] = session

    def amend_attempt(self, session: Session, *, error: str = "", risk_level: int = 0) -> None:
        """Let the latest try be told otherwise from now on."""
        session.attempts[-1] = replace(session.attempts[-1], error=error, risk_level=risk_level)

    def add_refund(self, session: Session, refund: Refund) -> None:
        """Remember a refund. Raises `NotPossible` for an id that is known."""
        if refund.ref_id in self._by_refund:
            raise NotPossible(
                f"the refund {refund.ref_id} is there already; reset the account before a seed is repeated"
            )
        session.refunds.append(refund)
        self._by_refund[refund.ref_id] = session

    def find(self, key: str) -> Session | None:
        """Return the session of a key, in whatever letters."""
        return self.sessions.get(key.upper())

    def find_by_val_id(self, val_id: str) -> Session | None:
        """Return the session that this validation id was given out for."""
        return self._by_val_id.get(val_id)

    def find_paid(self, bank_tran_id: str) -> Session | None:
        """Return the session whose money came under this id, while the money is here."""
        session = self._by_bank_id.get(bank_tran_id)
        paid = session.paid if session else None
        return session if paid is not None and paid.bank_tran_id == bank_tran_id else None

    def find_by_bank_tran_id(self, bank_tran_id: str) -> Session | None:
        """Return the session that was tried under this id, whatever came of it."""
        return self._by_bank_id.get(bank_tran_id)

    def find_refund(self, ref_id: str) -> tuple[Session, Refund] | None:
        """Return a refund with its session."""
        session = self._by_refund.get(ref_id)
        if session is None:
            return None
        return session, next(refund for refund in session.refunds if refund.ref_id == ref_id)

    def of_order(self, tran_id: str) -> list[Session]:
        """Return every session of the merchant's order, oldest first."""
        return list(self._by_order.get(tran_id, ()))

    def get(self, *, key: str | None, tran_id: str | None) -> Session:
        """Return a session by its key, or the newest of an order. Raises `NoSuchThing`."""
        if key is not None:
            found = self.find(key)
        else:
            found = (self.of_order(tran_id) or [None])[-1] if tran_id is not None else None
        if found is None:
            known = ", ".join(session.tran_id for session in list(self.sessions.values())[-5:]) or "none"
            raise NoSuchThing(f"there is no session {key or tran_id!r}; the latest orders are {known}")
        return found


def memory_of(desk: Desk) -> Memory:
    """Return the account's memory: a `Memory` from the first."""
    return cast("Memory", desk.memory)
