"""A session that moves while somebody joins it: the acknowledgement is never older than what was told before it."""

from reference_server.activity import Activity
from reference_server.changes import StatusNews
from reference_server.clock import Clock
from reference_server.documents import REALTIME
from reference_server.tracking.doorway import Doorway
from reference_server.tracking.messages import Messages
from reference_server.tracking.moves import Moves
from reference_server.tracking.rooms import Present, Rooms, RoomTerms, Wanted
from tests.reference_server.tracking.following import Follower, listening

WORDS = ["PENDING", "VALIDATED", "SUCCESS"]


class MovingStore:
    """A payment that moves each time right after somebody has looked at it."""

    rooms: Rooms
    at = 0

    async def look(self, wanted: Wanted) -> Present | None:
        seen = Present("ses_1", "T1", WORDS[self.at], "PENDING")
        if self.at + 1 < len(WORDS):
            self.at += 1
            self.rooms.announce([StatusNews("ses_1", "T1", WORDS[self.at])])
        return seen


async def test_who_joins_while_it_moves_is_answered_the_newest_word() -> None:
    store = MovingStore()
    terms = RoomTerms(bare_session=True, check_answers=True)
    store.rooms = Rooms(Clock(Activity()), messages=Messages(REALTIME), look=store.look, terms=terms)
    await store.rooms.start()
    async with listening(Doorway(store.rooms, is_origin=lambda _: False, sockets_max=5, per_address_max=5)) as address:
        follower = await Follower.connect(address)
        joined = await follower.join("ses_1")
        await follower.client.disconnect()
    await store.rooms.stop()

    assert joined["status"] == "SUCCESS"


def test_only_who_watches_counts_and_only_their_own_session() -> None:
    moves = Moves()
    moves.count("a")
    with moves.watching("a") as first, moves.watching("a") as second, moves.watching("b") as other:
        moves.count("a")
        with moves.watching("a") as third:
            moves.count("a")
    moves.count("a")

    assert [watch.moves for watch in (first, second, third, other)] == [2, 2, 1, 0]
