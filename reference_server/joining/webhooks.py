"""Joins what webhooks are made of: the guard, what carries attempts, the job that sends, and what owes deliveries."""

from dataclasses import dataclass
from datetime import timedelta

from reference_server.activity import Activity
from reference_server.chance import Chance
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.journal import Journal
from reference_server.network import Network
from reference_server.outgoing import Outgoing
from reference_server.settings import Environment, Settings
from reference_server.webhooks.announce import Announcer
from reference_server.webhooks.apply import DeliveryRules
from reference_server.webhooks.dispatcher import Dispatcher, DispatchTerms
from reference_server.webhooks.draws import Draws
from reference_server.webhooks.guard import LOOPBACK, USUAL_PORTS, Guard, GuardRules, read_ranges
from reference_server.webhooks.schedule import GAPS, TEST_GAPS, Schedule, no_jitter
from reference_server.webhooks.sender import CalledSender, Sender, SendTerms, WireSender


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What there is one of."""

    guard: Guard
    sender: Sender
    dispatcher: Dispatcher
    announcer: Announcer
    draws: Draws


@dataclass(frozen=True, slots=True)
class Seams:
    """Time, chance and the network, with who counts and who notes what goes out."""

    clock: Clock
    activity: Activity
    chance: Chance
    journal: Journal
    network: Network


def join_webhooks(settings: Settings, seams: Seams, *, database: Database, carrier: Outgoing | None) -> Webhooks:
    """Join them; `carrier` takes the place of sockets where what carries calls was handed in."""
    guard = Guard(seams.network, _guard_rules(settings))
    sender, draws = _sender(settings, seams, guard=guard, carrier=carrier), Draws(seams.chance)
    terms = DispatchTerms(
        seams.network, settings.webhook_concurrency, settings.webhook_stamps, _delivery_rules(settings, seams.chance)
    )
    dispatcher = Dispatcher(database, seams.clock, activity=seams.activity, sender=sender, terms=terms)
    return Webhooks(guard, sender, dispatcher, Announcer(draws), draws)


def _sender(settings: Settings, seams: Seams, *, guard: Guard, carrier: Outgoing | None) -> Sender:
    terms = SendTerms(settings.webhook_limit_seconds)
    if carrier is not None:
        return CalledSender(carrier, guard, clock=seams.clock, terms=terms)
    return WireSender(seams.clock, seams.activity, journal=seams.journal, guard=guard, terms=terms)


def _guard_rules(settings: Settings) -> GuardRules:
    is_open = settings.environment is not Environment.PRODUCTION
    networks = settings.webhook_networks
    if networks is None:
        networks = LOOPBACK if is_open else ()
    ports = frozenset(settings.webhook_ports) if settings.webhook_ports else None if is_open else USUAL_PORTS
    return GuardRules(needs_tls=not is_open, ports=ports, open_ranges=read_ranges(networks))


def _delivery_rules(settings: Settings, chance: Chance) -> DeliveryRules:
    share = settings.webhook_jitter
    schedule = Schedule(
        TEST_GAPS if settings.webhook_retry_intervals_test else GAPS,
        (lambda: share * chance.fraction("", "webhook jitter")) if share else no_jitter,
    )
    return DeliveryRules(schedule, timedelta(hours=settings.webhook_disable_hours))
