"""One effect for one idempotency key: its first answer is stored in the transaction of its effect, and given again."""

from reference_server.idempotency.once import Begun, Conclusion, Idempotency, LeaseTerms

__all__ = ["Begun", "Conclusion", "Idempotency", "LeaseTerms"]
