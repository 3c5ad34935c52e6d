"""Joins the kinds of jobs to what does them: features owe each other work by name alone."""

from reference_server.fulfilment.apply import FULFIL_ORDER
from reference_server.fulfilment.provisioning import DeliveryTerms, FulfilmentEnd, Provisioner
from reference_server.jobs.worker import JobFunction
from reference_server.joining.parts import Parts
from reference_server.notifications.confirm import Confirmer
from reference_server.notifications.receiver import CONFIRM_NOTIFICATION
from reference_server.payments.apply import EXPIRE_SESSION, LAPSE_HOLD, RECONCILE_PAYMENT
from reference_server.payments.reconcile import Reconciler
from reference_server.refunds.apply import FOLLOW_REFUND, SEND_REFUND
from reference_server.refunds.sending import Refunder


def join_duties(parts: Parts) -> dict[str, JobFunction]:
    """Return what does each kind of job."""
    database, clock, registry, rules = parts.database, parts.clock, parts.registry, parts.rules
    confirmer = Confirmer(database, clock, registry=registry, rules=rules)
    reconciler = Reconciler(database, clock, registry=registry, rules=rules)
    refunder = Refunder(database, clock, registry=registry)
    delivery = DeliveryTerms(parts.settings.provisioning_limit_seconds, FulfilmentEnd(parts.settings.fulfilment_end))
    provisioner = Provisioner(database, clock, caller=parts.outgoing, terms=delivery)
    return {
        CONFIRM_NOTIFICATION: confirmer.confirm_notification,
        EXPIRE_SESSION: reconciler.expire_session,
        RECONCILE_PAYMENT: reconciler.reconcile_payment,
        LAPSE_HOLD: reconciler.lapse_hold,
        FULFIL_ORDER: provisioner.fulfil_order,
        SEND_REFUND: refunder.send_refund,
        FOLLOW_REFUND: refunder.follow_refund,
    }
