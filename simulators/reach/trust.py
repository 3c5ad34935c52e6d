"""What a program must be told so that it believes the simulators' certificates, and still everybody else's."""

from collections.abc import Mapping
from pathlib import Path

import certifi

from simulators.reach.authority import Certificates, write_whole

# Where people name an authority of their own (a company's proxy, say): a program under us goes on trusting it.
_NAMED_BY_USERS = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


def write_bundle(certificates: Certificates, environment: Mapping[str, str]) -> Path:
    """Write one file with our authority, the public ones, and those that the user's environment names."""
    named = [Path(environment[name]) for name in _NAMED_BY_USERS if environment.get(name)]
    bundle = certificates.folder / "bundle.pem"
    sources = dict.fromkeys([certificates.authority, *named, Path(certifi.where())])
    parts = [source.read_bytes().rstrip() for source in sources if source.is_file() and source != bundle]
    content = b"\n".join([*parts, b""])
    if not bundle.is_file() or bundle.read_bytes() != content:
        write_whole(bundle, content)
    return bundle


def trusting(certificates: Certificates, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which OpenSSL, Python, curl and Node trust the simulators as well."""
    bundle = str(write_bundle(certificates, environment))
    # Node adds to its own authorities: ours is enough, unless the user added some too.
    extra = bundle if environment.get("NODE_EXTRA_CA_CERTS") else str(certificates.authority)
    return {
        "SSL_CERT_FILE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "CURL_CA_BUNDLE": bundle,
        "NODE_EXTRA_CA_CERTS": extra,
    }
