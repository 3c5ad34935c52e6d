"""Joins a document to its handlers and gives an ASGI application that dispatches by itself."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from contracts.binding.answer import Answer, NoAnswer
from contracts.binding.answers import AnswerContract
from contracts.binding.asgi import ASGIApp, Receive, Scope, Send
from contracts.binding.call import Call
from contracts.binding.document import Document
from contracts.binding.errors import BindingError
from contracts.binding.intake import Disconnected, raw_path_of, take
from contracts.binding.limits import Limits
from contracts.binding.operations import Operation
from contracts.binding.refusal import Refusal, RefusalKind
from contracts.binding.requests import RequestContract
from contracts.binding.routing import Match, Routes
from contracts.binding.sending import send_answer

Handler = Callable[[Call], Awaitable[Answer | NoAnswer]]
Proceed = Callable[[], Awaitable[Answer | NoAnswer]]
Around = Callable[[Call, Proceed], Awaitable[Answer | NoAnswer]]
Refuse = Callable[[Refusal], Answer]

_DEFAULT_LIMITS = Limits()
# RFC 9112 section 9.6: what was sent after the part that we read must not be taken for the next request.
_CLOSE = (("connection", "close"),)


def bind(  # noqa: PLR0913 (the kit's whole public seam; keyword-only past the second)
    document: Document,
    handlers: Mapping[str, Handler],
    *,
    refuse: Refuse,
    limits: Limits = _DEFAULT_LIMITS,
    around: Around | None = None,
    check_answers: bool = False,
) -> ASGIApp:
    """An application that answers every operation of `document`, whose `servers` are not looked at.

    `around` wraps each call whose path and method matched and whose body could be read; its `proceed` runs the
    handler, or `refuse` where the call is INVALID. `check_answers` makes an answer that the document does not allow
    raise AnswerError, refusals of a known operation included.

    Raises BindingError naming every operation without a handler and every handler without an operation, and
    DocumentError for what the kit cannot keep.
    """
    _check_cover(document, handlers)
    routes: Routes[dict[str, _Bound]] = Routes()
    for path, item in document.top.children("paths"):
        wanted = [operation for operation in document.operations if operation.path == path]
        methods: dict[str, _Bound] = {}
        for operation in wanted:
            node = item.child(operation.method.lower()) or item
            methods[operation.method] = _Bound(
                operation,
                handlers[operation.operation_id],
                RequestContract.of(item, node, schemas=document.schemas, limits=limits),
                AnswerContract.of(operation, node, document.schemas) if check_answers else None,
            )
        if methods:
            # RFC 9110 section 9.3.2: HEAD is GET without the content.
            if "GET" in methods:
                methods.setdefault("HEAD", methods["GET"])
            routes.add(path, methods)
    return _Application(routes, refuse, around)


def _check_cover(document: Document, handlers: Mapping[str, Handler]) -> None:
    known = {operation.operation_id for operation in document.operations}
    unhandled = tuple(sorted(known - handlers.keys()))
    unknown = tuple(sorted(handlers.keys() - known))
    complaints = [
        f"{title}: {', '.join(names)}"
        for title, names in (("operations without a handler", unhandled), ("handlers without an operation", unknown))
        if names
    ]
    if complaints:
        raise BindingError(f"{document.name}: {'; '.join(complaints)}", unhandled=unhandled, unknown=unknown)


@dataclass(frozen=True, slots=True)
class _Bound:
    """An operation joined to its handler, with all that a request needs compiled."""

    operation: Operation
    handler: Handler
    request: RequestContract
    answers: AnswerContract | None


@dataclass(frozen=True, slots=True)
class _Application:
    """The ASGI application: lifespan is accepted, websockets are closed, HTTP is dispatched."""

    routes: Routes[dict[str, _Bound]]
    refuse: Refuse
    around: Around | None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _attend(scope, receive, send)
            return
        found = self.routes.find(_own_path(scope))
        bound = found.target.get(scope["method"]) if found else None
        if found is None or bound is None:
            await self._turn_away(found, scope, send)
            return
        contract, captured = bound.request, found.captured
        try:
            call, refusal = await take(bound.operation, contract, scope=scope, receive=receive, captured=captured)
        except Disconnected:
            return
        answer = await self._answer(bound, call, refusal)
        if isinstance(answer, NoAnswer):
            return
        without_body = scope["method"] == "HEAD"
        if bound.answers:
            bound.answers.check(answer, without_body=without_body)
        too_large = refusal is not None and refusal.kind is RefusalKind.TOO_LARGE
        await send_answer(send, answer, without_body=without_body, extra=_CLOSE if too_large else ())

    async def _answer(self, bound: _Bound, call: Call, refusal: Refusal | None) -> Answer | NoAnswer:
        around = self.around
        if around is None or (refusal is not None and refusal.kind is not RefusalKind.INVALID):
            return await bound.handler(call) if refusal is None else self.refuse(refusal)

        async def proceed() -> Answer | NoAnswer:
            return await bound.handler(call) if refusal is None else self.refuse(refusal)

        return await around(call, proceed)

    async def _turn_away(self, found: Match[dict[str, _Bound]] | None, scope: Scope, send: Send) -> None:
        without_body = scope["method"] == "HEAD"
        if found is None:
            refusal = Refusal(RefusalKind.NOT_FOUND, (), (), None)
            await send_answer(send, self.refuse(refusal), without_body=without_body)
            return
        # RFC 9110 section 15.5.6: a 405 lists the methods of the resource.
        allowed = tuple(sorted(found.target))
        refusal = Refusal(RefusalKind.METHOD_NOT_ALLOWED, (), allowed, None)
        extra = (("allow", ", ".join(allowed)),)
        await send_answer(send, self.refuse(refusal), without_body=without_body, extra=extra)


def _own_path(scope: Scope) -> bytes:
    """The path below `root_path`, where another application has mounted this one."""
    raw_path = raw_path_of(scope)
    root: str = scope.get("root_path", "")
    return raw_path.removeprefix(root.encode()) if root else raw_path


async def _attend(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1000})
        return
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
