"""Which of several reports count: money first, then what is still open, then how it ended. A pure rule."""

from collections.abc import Sequence
from datetime import UTC, datetime

from reference_server.gateways.gateway import GatewayReport, GatewayWord

_MONEY = {GatewayWord.CAPTURED, GatewayWord.HELD}
_BEGINNING = datetime.min.replace(tzinfo=UTC)


def select_reports(reports: Sequence[GatewayReport]) -> tuple[GatewayReport, ...]:
    """Return all reports of money, oldest first; without any, the one that says how things stand.

    A gateway may list the tries at one payment in any order (fact sheet 11.11 of SSLCommerz), so their own dates count.
    """
    by_date = sorted(reports, key=lambda report: report.captured_at or _BEGINNING)
    money = tuple(report for report in by_date if report.word in _MONEY)
    if money:
        return money
    pending = [report for report in by_date if report.word is GatewayWord.PENDING]
    return tuple((pending or by_date)[-1:])
