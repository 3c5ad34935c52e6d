"""The table of what is owed. A row lives until its duty is done; what was done is in the audit trail."""

from datetime import datetime

from sqlmodel import Field, UniqueConstraint

from reference_server.columns import Instant, Row


class Job(Row, table=True):
    """One duty. `due_at` is on the product's clock; the lease is on the machine's, in seconds since the epoch.

    A name and what it is `about` make one duty, so that owing it twice is owing it once. `subject` is for people:
    the merchant's order id. `fence` grows with each claim; whoever holds an older one has lost the lease.
    """

    __table_args__ = (UniqueConstraint("name", "about"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    about: str
    subject: str
    due_at: datetime = Field(sa_type=Instant, index=True)
    tries: int = 0
    # How often in a row it raised: a bug of ours must not use up the schedule of `tries`.
    crashes: int = 0
    owed_again: bool = False
    fence: int = 0
    lease_owner: str | None = None
    lease_until: float = 0.0
