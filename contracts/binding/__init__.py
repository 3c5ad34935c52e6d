"""The spec-binding kit: joins the operations of an OpenAPI 3.1 document to functions, and holds both to it.

The only code that both sides import. It knows no gateway and words no refusal.
"""

from contracts.binding.answer import Answer, NoAnswer
from contracts.binding.asgi import ASGIApp, Receive, Scope, Send
from contracts.binding.bind import Around, Handler, Refuse, bind
from contracts.binding.call import Call, UploadedFile
from contracts.binding.document import Document
from contracts.binding.errors import AnswerError, BindingError, DocumentError, KitError
from contracts.binding.limits import Limits
from contracts.binding.operations import Operation
from contracts.binding.refusal import Refusal, RefusalKind
from contracts.binding.violation import Place, Violation
from contracts.binding.webhooks import WebhookContract

__all__ = [
    "ASGIApp",
    "Answer",
    "AnswerError",
    "Around",
    "BindingError",
    "Call",
    "Document",
    "DocumentError",
    "Handler",
    "KitError",
    "Limits",
    "NoAnswer",
    "Operation",
    "Place",
    "Receive",
    "Refusal",
    "RefusalKind",
    "Refuse",
    "Scope",
    "Send",
    "UploadedFile",
    "Violation",
    "WebhookContract",
    "bind",
]
