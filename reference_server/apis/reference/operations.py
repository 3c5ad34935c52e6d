"""Shows the reference, hands out the document, and leads whoever comes by the bare address there."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import cached_property

from contracts.binding import Answer, Call, Document
from contracts.binding.operations import METHODS
from contracts.binding.reference import as_mapping
from reference_server.apis.reference.outlining import outline_of
from reference_server.pages import Pages
from reference_server.problems import list_problems

# Beside the page that shows it, wherever a proxy has put the two.
_PAGE = "docs"


class ApiReference:
    """The operations of the document about the document. `own_url` is where this server is reached."""

    def __init__(self, document: Document, pages: Pages, *, own_url: str) -> None:
        self._document = document
        self._pages = pages
        self._own_url = own_url.rstrip("/")

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return the operations with what answers them."""
        return {
            "showEntrance": self.show_entrance,
            "showReference": self.show_reference,
            "readDocument": self.read_document,
        }

    async def show_entrance(self, call: Call) -> Answer:
        """Lead on to the reference."""
        return Answer.redirect(302, _PAGE)

    async def show_reference(self, call: Call) -> Answer:
        """Show the document as a page."""
        return self._page

    async def read_document(self, call: Call) -> Answer:
        """Hand out the document, with this server's address in the place of the default."""
        return self._json

    @cached_property
    def _page(self) -> Answer:
        outline = outline_of(self._document, self._own_url)
        return self._pages.render("reference.html", {"outline": outline, "problems": list_problems()})

    @cached_property
    def _json(self) -> Answer:
        own = {"servers": [{"url": self._own_url}], "paths": dict(self._offered_paths())}
        return Answer.json(200, {**self._document.root, **own}, (("cache-control", "no-cache"),))

    def _offered_paths(self) -> Iterator[tuple[str, Mapping[str, object]]]:
        """Leave out what this server does not offer: operations for tests, where mistakes cost money."""
        offered = {(operation.path, operation.method.lower()) for operation in self._document.operations}
        for path, item in as_mapping(self._document.root["paths"]).items():
            kept = {
                key: member for key, member in as_mapping(item).items() if key not in METHODS or (path, key) in offered
            }
            if kept.keys() & set(METHODS):
                yield path, kept
