"""The private authority under which the simulators answer as the gateways: made once, kept, its certificate renewed.

Its key stays in a folder of the user's own. Nothing is ever put into the machine's own trust.
"""

import fcntl
import os
import stat
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

# Clients refuse what is valid for long (Apple's since 2020: 398 days), and a renewal costs nobody anything: what
# people were told to trust is the authority, which stays.
VALID = timedelta(days=90)
RENEWED_BEFORE = timedelta(days=30)
# The clock of who checks may be behind ours.
BACKDATED = timedelta(days=1)
OWN_NAMES = ("localhost", "127.0.0.1", "::1")

_READ_ERRORS = (OSError, ValueError, TypeError)


class FolderUnusable(OSError):
    """The certificates cannot be kept there; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files: `authority` is what others trust; `certificate` with `key` is what the listener shows."""

    folder: Path
    until: datetime
    names: tuple[str, ...]

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def certificate(self) -> Path:
        return self.folder / "gateways.pem"

    @property
    def key(self) -> Path:
        return self.folder / "gateways.key"


def provide(folder: Path, hosts: Iterable[str], *, now: datetime) -> Certificates:
    """Return the certificates in `folder` for these hosts, making or renewing what is not there.

    Raises `FolderUnusable`.
    """
    names = tuple(sorted(hosts)) + OWN_NAMES
    try:
        folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
        with _alone_in(folder):
            authority = _find_authority(folder) or _make_authority(folder)
            until = _valid_until(folder, names, now=now)
            if until is None:
                until = _issue(authority, folder, names, now=now)
    except OSError as error:
        text = f"cannot keep certificates in {folder} ({error.strerror or error}); name another folder"
        raise FolderUnusable(text) from error
    return Certificates(folder, until, names)


@contextmanager
def _alone_in(folder: Path) -> Generator[None]:
    """Two programs that start at once must not write halves of two authorities."""
    with _opened(folder / "lock") as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


@contextmanager
def _opened(path: Path) -> Generator[int]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, stat.S_IRUSR | stat.S_IWUSR)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, so that nobody ever sees a half of it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with _opened(fresh) as descriptor, os.fdopen(descriptor, "wb", closefd=False) as file:
        file.write(content)
    fresh.replace(path)


def _find_authority(folder: Path) -> trustme.CA | None:
    try:
        shown, key = (folder / "ca.pem").read_bytes(), (folder / "ca.key").read_bytes()
        certificate = x509.load_pem_x509_certificate(shown)
        if load_pem_private_key(key, password=None).public_key() != certificate.public_key():
            return None
        (folder / "ca.key").chmod(stat.S_IRUSR | stat.S_IWUSR)
        return trustme.CA.from_pem(shown, key)
    except _READ_ERRORS:
        return None


def _make_authority(folder: Path) -> trustme.CA:
    made = trustme.CA(organization_name="Gatewright", organization_unit_name="simulated gateways of this machine alone")
    write_whole(folder / "ca.key", made.private_key_pem.bytes())
    write_whole(folder / "ca.pem", made.cert_pem.bytes())
    return made


def _valid_until(folder: Path, names: tuple[str, ...], *, now: datetime) -> datetime | None:
    """Return how long the certificate holds; nothing when it is missing, another's, too narrow, or near its end."""
    try:
        shown = x509.load_pem_x509_certificate((folder / "gateways.pem").read_bytes())
        shown.verify_directly_issued_by(x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes()))
        (folder / "gateways.key").chmod(stat.S_IRUSR | stat.S_IWUSR)
        key = load_pem_private_key((folder / "gateways.key").read_bytes(), password=None)
        covered = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (*_READ_ERRORS, InvalidSignature, x509.ExtensionNotFound):
        return None
    until = shown.not_valid_after_utc
    is_ours = key.public_key() == shown.public_key() and {_general(name) for name in names} <= set(covered)
    is_fresh = shown.not_valid_before_utc <= now < until - RENEWED_BEFORE
    return until if is_ours and is_fresh else None


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _issue(authority: trustme.CA, folder: Path, names: tuple[str, ...], *, now: datetime) -> datetime:
    # What is written on a certificate has no fractions of a second.
    until = (now + VALID).replace(microsecond=0)
    issued = authority.issue_cert(*names, organization_name="Gatewright", not_before=now - BACKDATED, not_after=until)
    write_whole(folder / "gateways.key", issued.private_key_pem.bytes())
    write_whole(folder / "gateways.pem", b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    return until
