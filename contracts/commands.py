"""What `gatewright contract` does; `cli.py` only words it."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import typer

from contracts.suites.judge import accuse_of_webhooks, prepare
from contracts.suites.network import Network, PeerError
from contracts.suites.outcome import Outcome, conclude
from contracts.suites.page import write_page
from contracts.suites.receiver import Receiver
from contracts.suites.standing import standing
from contracts.suites.subjects import SUBJECTS, Addresses, Subject
from contracts.suites.suite import Cap, Progress
from contracts.suites.words import lines, write_junit

PARTS = ("server", "simulators", "sslcommerz")


class OptionError(Exception):
    """An option cannot be what it is; the text says which, and what is possible."""


@dataclass(frozen=True, slots=True)
class Written:
    """Where reports go beside the terminal."""

    report: Path | None = None
    junit: Path | None = None
    har: Path | None = None

    def refuse_unwritable(self) -> None:
        """Raise `OptionError` now, rather than after the run."""
        for path in (self.report, self.junit, self.har):
            if path is not None and (path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK)):
                raise OptionError(f"{path} cannot be written")

    def write(self, outcome: Outcome) -> None:
        """Write what was asked for; the HAR is written as the run goes."""
        if self.report is not None:
            write_page(outcome, self.report)
        if self.junit is not None:
            write_junit(outcome, self.junit)


@dataclass(frozen=True, slots=True)
class Where:
    """Who is judged: the addresses of what runs already, and what to show there."""

    urls: Addresses
    headers: Mapping[str, str]

    @property
    def options(self) -> str:
        """Write the options again; what a header holds is a secret."""
        urls = "".join(f" --url {name}={url}" for name, url in self.urls.items())
        return urls + "".join(f" --header '{name}: …'" for name in self.headers)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    subject: str
    seed: int
    cap: Cap
    where: Where
    # Parts of the verbs and paths of the operations that are asked; none is all of them.
    only: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """Return the command that makes the run again."""
        asked = f"--seed {self.seed} --cases {self.cap.cases}"
        examples = f" --max-examples {self.cap.examples}" if self.cap.examples else ""
        only = "".join(f" --only '{one}'" for one in self.only)
        return f"gatewright contract {self.subject} {asked}{examples}{only}{self.where.options}"


def read_urls(given: Iterable[str]) -> dict[str, str]:
    """Read NAME=URL options. Raises `OptionError`."""
    urls: dict[str, str] = {}
    for one in given:
        name, _, url = one.partition("=")
        parts = urlsplit(url)
        if name not in PARTS or parts.scheme not in {"http", "https"} or not parts.netloc:
            raise OptionError(f"--url {one}: write NAME=http://HOST:PORT, where NAME is {' or '.join(PARTS)}")
        urls[name] = url.rstrip("/")
    return urls


def read_headers(given: Iterable[str]) -> dict[str, str]:
    """Read 'NAME: VALUE' options. Raises `OptionError`; never repeats a value, which may be a secret."""
    headers: dict[str, str] = {}
    for one in given:
        name, colon, value = one.partition(":")
        if not colon or not name.strip() or not value.strip():
            raise OptionError(f"--header {name.strip()}…: write 'NAME: VALUE'")
        headers[name.strip()] = value.strip()
    return headers


def run(wish: Wish, written: Written) -> int:
    """Hold the subject to its document, report, and return the exit code. Raises `PeerError` and `OptionError`."""
    written.refuse_unwritable()
    subject = SUBJECTS[wish.subject]
    urls = wish.where.urls
    if wish.where.headers and not urls:
        raise OptionError("--header is for what runs already: say where by --url")
    if urls and subject.listener not in urls:
        raise OptionError(f"--url {subject.listener}=… is missing: it is what `contract {subject.name}` judges")
    with ExitStack() as stack:
        addresses = urls or stack.enter_context(standing(wish.subject, seed=wish.seed))
        outcome = judge(subject, addresses, wish=wish, har=written.har)
    for line in lines(outcome):
        typer.echo(line)
    written.write(outcome)
    return outcome.exit_code


def judge(subject: Subject, addresses: Addresses, *, wish: Wish, har: Path | None = None) -> Outcome:
    """Hold whoever answers at the addresses to the document. Raises `PeerError`."""
    with closing(Network()) as network, Receiver() as receiver:
        everybody = {**addresses, "receiver": receiver.url}
        suite = prepare(subject, everybody, network=network, headers=wish.where.headers)
        if not suite.choose(wish.only):
            raise OptionError(f"--only {' '.join(wish.only)}: {subject.document.name} has no such operation")
        where = addresses[subject.listener]
        typer.echo(f"{subject.document.name} ({len(suite.tally.operations)} operations) against {where}")
        for progress in _told(suite.run(wish.cap, seed=wish.seed, har=har)):
            _show(progress)
        accuse_of_webhooks(suite, receiver)
    return conclude(suite, subject=subject.name, seed=wish.seed, repeat=wish.command, wanted=wish.cap.cases)


def _told(progress: Iterator[Progress]) -> Iterator[Progress]:
    """Thin out the progress where nobody watches: a log wants a line for every tenth of the way."""
    live, tenth = sys.stderr.isatty(), 0
    for one in progress:
        reached = min(10, one.sent * 10 // one.wanted)
        if live or reached > tenth:
            tenth = reached
            yield one


def _show(progress: Progress) -> None:
    end = "\r" if sys.stderr.isatty() else "\n"
    found = f", {progress.findings} findings" if progress.findings else ""
    sys.stderr.write(f"  {progress.sent} of {progress.wanted} requests, {progress.phase}{found}{end}")
    sys.stderr.flush()


__all__ = ["OptionError", "PeerError", "Where", "Wish", "Written", "judge", "read_headers", "read_urls", "run"]
