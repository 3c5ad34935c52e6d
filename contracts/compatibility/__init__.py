"""What a new version of a document takes away from those who wrote their code against an older one.

Compares two documents and nothing else; which older one is kept is told by `contracts/releases`.
"""

from contracts.compatibility.compare import compare
from contracts.compatibility.releases import Release, newest_release
from contracts.compatibility.schemas import Break

__all__ = ["Break", "Release", "compare", "newest_release"]
