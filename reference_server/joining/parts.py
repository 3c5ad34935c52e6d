"""What there is one of in a server, joined and not started: for `app.py` and its other parts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from reference_server.activity import Activity
from reference_server.apis.hosted_page.standing import find_present, tell_changes
from reference_server.chance import Chance
from reference_server.changes import Aftermath
from reference_server.clock import Clock, ClockMode
from reference_server.database import Database
from reference_server.documents import REALTIME
from reference_server.fastpath import FastPath
from reference_server.gateways import sslcommerz
from reference_server.gateways.gateway import Limits
from reference_server.gateways.registry import Registry
from reference_server.ids import AttemptId
from reference_server.jobs.worker import Worker
from reference_server.journal import Journal, annotate, annotate_changes
from reference_server.merchants.frontends import Frontends
from reference_server.network import Network
from reference_server.outgoing import Outgoing, Transport
from reference_server.payments.apply import Rules
from reference_server.payments.judgement import LateCapture
from reference_server.settings import Settings
from reference_server.tracking.messages import Messages
from reference_server.tracking.rooms import Present, Rooms, RoomTerms, Wanted


@dataclass(frozen=True, slots=True)
class Parts:
    """What there is one of, joined and not started."""

    settings: Settings
    activity: Activity
    clock: Clock
    chance: Chance
    journal: Journal
    network: Network
    database: Database
    outgoing: Outgoing
    registry: Registry
    worker: Worker
    rules: Rules
    frontends: Frontends
    rooms: Rooms
    fast: FastPath | None


def join_parts(settings: Settings, ordinal: Callable[[], int], transport: Transport | None) -> Parts:
    """Join them; `create_app` says what the arguments are."""
    activity = Activity()
    is_virtual = settings.clock is ClockMode.VIRTUAL
    clock = Clock(activity, virtual_from=settings.clock_start if is_virtual else None)
    chance, journal, network = Chance(settings.seed), Journal(clock, ordinal), Network(settings.peers)
    database = Database(settings.database_url, inline=lambda: clock.mode is ClockMode.VIRTUAL)
    outgoing = Outgoing(clock, activity, journal=journal, network=network, transport=transport)
    limits = Limits(settings.session_limit_seconds, settings.validation_limit_seconds)
    worker = Worker(database, clock, activity=activity, name=settings.worker_name, slots=settings.worker_jobs)
    fast = FastPath(settings.redis_address, clock) if settings.redis_address else None
    rooms = _rooms(settings, database, clock, fast=fast)

    def tell(aftermath: Aftermath) -> None:
        annotate_changes(aftermath.changes)
        annotate(note="; ".join(aftermath.notes))
        if aftermath.owed:
            worker.wake.set()
        rooms.announce(aftermath.news)

    database.tell, database.conclude = tell, tell_changes
    return Parts(
        settings=settings,
        activity=activity,
        clock=clock,
        chance=chance,
        journal=journal,
        network=network,
        database=database,
        outgoing=outgoing,
        registry=Registry({sslcommerz.GATEWAY.name: sslcommerz.GATEWAY}, caller=outgoing, limits=limits),
        worker=worker,
        rules=_rules(settings, chance),
        frontends=Frontends(settings.public_url),
        rooms=rooms,
        fast=fast,
    )


def _rooms(settings: Settings, database: Database, clock: Clock, *, fast: FastPath | None) -> Rooms:
    async def look(wanted: Wanted) -> Present | None:
        return await database.read(lambda session: find_present(session, wanted))

    terms = RoomTerms(settings.realtime_bare_session, settings.check_answers)
    return Rooms(clock, messages=Messages(REALTIME), look=look, terms=terms, shared=fast)


def _rules(settings: Settings, chance: Chance) -> Rules:
    return Rules(
        late_capture=LateCapture(settings.late_capture),
        hold=timedelta(hours=settings.hold_hours),
        draw_attempt_id=lambda: AttemptId(f"att_{chance.token('', 'further attempt', length=20)}"),
    )
