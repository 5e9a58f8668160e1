"""The app's key and certificate, in the form msal signs PS256 assertions with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates
from cryptography.x509.oid import NameOID

from lists_sync.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_SETTING = "LISTS_SYNC_CERTIFICATE_PATH"
_HINT = "Give a PFX, or a PEM file that holds both the private key and the certificate."


@dataclass(frozen=True)
class Certificate:
    """A private key with its certificate; the key is in no repr."""

    private_key: str = field(repr=False)
    public: str = field(repr=False)
    thumbprint: str
    expires_at: datetime

    def for_msal(self) -> dict[str, str]:
        """Give msal's credential: with the certificate and without a SHA-1 thumbprint it signs PS256."""
        return {"private_key": self.private_key, "public_certificate": self.public}


def load_certificate(path: Path, password: str = "") -> Certificate:
    """Read the app's certificate and key from a PFX or PEM file.

    Raises:
        SettingsError: the file cannot be read, its password is wrong, or it lacks one of the two.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError("The certificate file cannot be read.", where=_SETTING, hint=_HINT) from error
    secret = password.encode() or None
    try:
        key, certificate = (
            _from_pem(content, secret) if b"-----BEGIN" in content else _from_pfx(content, secret)
        )
    except (TypeError, ValueError):
        # The library's own text is left out: it may quote the file's content.
        raise SettingsError(
            "The certificate file is not usable, or its password is wrong.", where=_SETTING, hint=_HINT
        ) from None
    return _made(key, certificate)


@cache
def throw_away() -> Certificate:
    """Make, once a process, a key and self-signed certificate in memory, for the embedded workspace."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lists_sync")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    return _made(key, certificate)


def _from_pem(content: bytes, password: bytes | None) -> tuple[PrivateKeyTypes, x509.Certificate]:
    encrypted = b"ENCRYPTED" in content
    return load_pem_private_key(content, password if encrypted else None), x509.load_pem_x509_certificate(
        content
    )


def _from_pfx(content: bytes, password: bytes | None) -> tuple[PrivateKeyTypes, x509.Certificate]:
    key, certificate, _ = load_key_and_certificates(content, password)
    if key is None or certificate is None:
        raise ValueError
    return key, certificate


def _made(key: PrivateKeyTypes, certificate: x509.Certificate) -> Certificate:
    return Certificate(
        private_key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        public=certificate.public_bytes(Encoding.PEM).decode(),
        thumbprint=certificate.fingerprint(hashes.SHA256()).hex(),
        expires_at=certificate.not_valid_after_utc,
    )
