"""The certificates: who may read them, when they are kept, when they are made anew."""

import ssl
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from cryptography import x509

from simulators.reach.authority import RENEWED_BEFORE, VALID, Certificates, FolderUnusable, provide
from simulators.reach.trust import trusting, write_bundle

NOW = datetime(2031, 5, 1, 6, 0, tzinfo=UTC)
HOSTS = ("sandbox.example.com", "live.example.com")


def files_of(made: Certificates) -> list[bytes]:
    return [path.read_bytes() for path in (made.authority, made.certificate, made.key)]


def hosts_on(made: Certificates) -> list[str]:
    shown = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    return shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)


def test_only_the_user_may_read_them(tmp_path: Path) -> None:
    made = provide(tmp_path / "own" / "certs", HOSTS, now=NOW)
    write_bundle(made, {})

    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.folder.iterdir()} == {0o600}


def test_the_certificate_names_every_host_and_this_machine(tmp_path: Path) -> None:
    made = provide(tmp_path, HOSTS, now=NOW)
    shown = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    named = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert hosts_on(made) == ["live.example.com", "sandbox.example.com", "localhost"]
    assert [str(address) for address in named.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    assert made.until == shown.not_valid_after_utc == NOW + VALID


@pytest.mark.parametrize("days", [0, 1, 59])
def test_what_still_holds_is_kept(tmp_path: Path, days: int) -> None:
    before = files_of(provide(tmp_path, HOSTS, now=NOW))

    assert files_of(provide(tmp_path, HOSTS, now=NOW + timedelta(days=days))) == before


@pytest.mark.parametrize("later", [VALID - RENEWED_BEFORE, VALID, VALID * 10, -VALID])
def test_near_its_end_the_certificate_is_renewed_by_the_same_authority(tmp_path: Path, later: timedelta) -> None:
    authority, *before = files_of(provide(tmp_path, HOSTS, now=NOW))
    renewed = provide(tmp_path, HOSTS, now=NOW + later)

    assert files_of(renewed)[0] == authority
    assert files_of(renewed)[1] != before[0]
    assert renewed.until == NOW + later + VALID


def test_a_gateway_more_is_put_on_the_certificate(tmp_path: Path) -> None:
    narrow = files_of(provide(tmp_path, HOSTS, now=NOW))
    wide = provide(tmp_path, (*HOSTS, "api.example.com"), now=NOW)

    assert files_of(wide)[0] == narrow[0]
    assert "api.example.com" in hosts_on(wide)


@pytest.mark.parametrize("name", ["ca.pem", "ca.key", "gateways.pem", "gateways.key"])
@pytest.mark.parametrize("content", [b"", b"no certificate", None])
def test_what_was_spoilt_is_made_anew_and_works(tmp_path: Path, name: str, content: bytes | None) -> None:
    provide(tmp_path, HOSTS, now=NOW)
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    made = provide(tmp_path, HOSTS, now=NOW)

    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(made.certificate, made.key)
    shown, authority = (
        x509.load_pem_x509_certificate(path.read_bytes()) for path in (made.certificate, made.authority)
    )
    shown.verify_directly_issued_by(authority)


def test_the_key_of_another_authority_is_not_taken_for_this_ones(tmp_path: Path) -> None:
    here, there = (provide(tmp_path / name, HOSTS, now=NOW) for name in ("here", "there"))
    (here.folder / "ca.key").write_bytes((there.folder / "ca.key").read_bytes())
    before = here.authority.read_bytes()

    assert provide(here.folder, HOSTS, now=NOW).authority.read_bytes() != before


def test_programs_that_start_at_once_agree_on_one_authority(tmp_path: Path) -> None:
    at_once = Barrier(8)

    def start() -> list[bytes]:
        at_once.wait()
        return files_of(provide(tmp_path, HOSTS, now=NOW))

    with ThreadPoolExecutor(8) as threads:
        started = [threads.submit(start) for _ in range(8)]
        made = [one.result() for one in started]

    assert all(files == made[0] for files in made)


@pytest.mark.parametrize("name", ["ca.key", "gateways.key"])
def test_a_key_that_others_could_read_is_made_its_owners_alone_again(tmp_path: Path, name: str) -> None:
    before = files_of(provide(tmp_path, HOSTS, now=NOW))
    (tmp_path / name).chmod(0o644)

    assert files_of(provide(tmp_path, HOSTS, now=NOW)) == before
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(FolderUnusable, match=r"file/certs .*name another folder"):
        provide(tmp_path / "file" / "certs", HOSTS, now=NOW)


def test_a_program_trusts_ours_the_public_ones_and_those_of_its_user(tmp_path: Path) -> None:
    made, company = (provide(tmp_path / name, HOSTS, now=NOW) for name in ("ours", "company"))
    environment = {"REQUESTS_CA_BUNDLE": str(company.authority), "SSL_CERT_FILE": "nowhere.pem"}
    told = trusting(made, environment)
    context = ssl.create_default_context(cafile=told["SSL_CERT_FILE"])

    trusted = {tuple(ca["subject"]) for ca in context.get_ca_certs()}
    assert len(trusted) > 50
    texts = [made.authority.read_text(), company.authority.read_text()]
    assert all(text in Path(told["REQUESTS_CA_BUNDLE"]).read_text() for text in texts)
    assert told["NODE_EXTRA_CA_CERTS"] == str(made.authority)


def test_what_node_was_told_to_trust_it_goes_on_trusting(tmp_path: Path) -> None:
    made, company = (provide(tmp_path / name, HOSTS, now=NOW) for name in ("ours", "company"))
    told = trusting(made, {"NODE_EXTRA_CA_CERTS": str(company.authority)})

    assert company.authority.read_text() in Path(told["NODE_EXTRA_CA_CERTS"]).read_text()


def test_a_redirected_program_that_redirects_again_adds_nothing(tmp_path: Path) -> None:
    made = provide(tmp_path, HOSTS, now=NOW)
    once = trusting(made, {})
    bundle = Path(once["SSL_CERT_FILE"]).read_bytes()

    assert trusting(made, once)["SSL_CERT_FILE"] == once["SSL_CERT_FILE"]
    assert Path(once["SSL_CERT_FILE"]).read_bytes() == bundle
