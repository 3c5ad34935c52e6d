"""Joins the kinds of jobs to what does them: features owe each other work by name alone."""

from reference_server.fulfilment.apply import FULFIL_ORDER
from reference_server.fulfilment.provisioning import DeliveryTerms, FulfilmentEnd, Provisioner
from reference_server.jobs.worker import JobFunction
from reference_server.joining.parts import Parts
from reference_server.notifications.confirm import Confirmer
from reference_server.notifications.receiver import CONFIRM_NOTIFICATION
from reference_server.payments.acquiring import Acquiring
from reference_server.payments.apply import (
    ACQUIRE_PAYMENT,
    EXPIRE_SESSION,
    FINISH_AUTHORIZATION,
    LAPSE_AUTHORIZATION,
    LAPSE_HOLD,
    RECONCILE_PAYMENT,
)
from reference_server.payments.reconcile import Reconciler
from reference_server.privacy.erasure import ERASE_AGAIN, SCRUB_STORE, Eraser
from reference_server.refunds.apply import FOLLOW_REFUND, SEND_REFUND
from reference_server.refunds.sending import Refunder
from reference_server.webhooks.apply import DELIVER_WEBHOOK


def join_duties(parts: Parts) -> dict[str, JobFunction]:
    """Return what does each kind of job."""
    database, clock, registry, rules = parts.database, parts.clock, parts.registry, parts.rules
    confirmer = Confirmer(database, clock, registry=registry, rules=rules)
    reconciler = Reconciler(database, clock, registry=registry, rules=rules)
    eraser = Eraser(database, clock)
    refunder = Refunder(database, clock, registry=registry)
    acquiring = Acquiring(database, clock, acquirer=parts.acquirer, rules=rules)
    delivery = DeliveryTerms(parts.settings.provisioning_limit_seconds, FulfilmentEnd(parts.settings.fulfilment_end))
    provisioner = Provisioner(database, clock, caller=parts.outgoing, terms=delivery)
    return {
        CONFIRM_NOTIFICATION: confirmer.confirm_notification,
        EXPIRE_SESSION: reconciler.expire_session,
        RECONCILE_PAYMENT: reconciler.reconcile_payment,
        LAPSE_HOLD: reconciler.lapse_hold,
        ACQUIRE_PAYMENT: acquiring.acquire_payment,
        FINISH_AUTHORIZATION: acquiring.finish_authorization,
        LAPSE_AUTHORIZATION: acquiring.lapse_authorization,
        FULFIL_ORDER: provisioner.fulfil_order,
        SEND_REFUND: refunder.send_refund,
        ERASE_AGAIN: eraser.erase_again,
        SCRUB_STORE: eraser.scrub_store,
        FOLLOW_REFUND: refunder.follow_refund,
        DELIVER_WEBHOOK: parts.webhooks.dispatcher.deliver_webhook,
    }
