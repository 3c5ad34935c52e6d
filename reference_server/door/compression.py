"""Answers of some size are compressed, where the asker can read that.

Only what is read by GET: what a POST answers is small and may hold a fresh secret. BREACH (breachattack.com) needs a
browser that others can make ask with its owner's rights, and a secret beside a text of theirs; here rights come in
headers that no browser adds by itself. A GET that is answered by cookie would have to stay as it is.
"""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

# Below it an answer fits into one packet anyway (1,460 bytes less the head).
BYTES_MIN = 1_024
# Of 1 to 9: past it, the time doubles for some per cent.
LEVEL = 5


def compressed(app: ASGIApp) -> ASGIApp:
    """Wrap an app."""
    gzip = GZipMiddleware(app, minimum_size=BYTES_MIN, compresslevel=LEVEL)

    async def compressing(scope: Scope, receive: Receive, send: Send) -> None:
        is_read = scope["type"] == "http" and scope["method"] == "GET"
        await (gzip if is_read else app)(scope, receive, send)

    return compressing
