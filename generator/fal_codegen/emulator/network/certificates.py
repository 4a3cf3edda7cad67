"""Certificates for fal's hosts, from an authority whose key nobody keeps."""

from __future__ import annotations

import os
import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fal_codegen.emulator.network.hosts import DOMAINS

__all__ = ["write_certificates"]

_LIFETIME = timedelta(days=90)


def write_certificates(folder: Path) -> tuple[ssl.SSLContext, Path, Path]:
    """Create an authority and a certificate for fal's hosts that it signed.

    The authority cannot sign another certificate: its key is never written, and is lost when this
    function returns. So a program that trusts the authority trusts it for fal's hosts alone.

    Args:
        folder: A folder that only this user can read.

    Returns:
        What a server needs; the file of the authority; the file of the authority and of those that
        this process trusts.
    """
    authority_key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fal-codegen emulator")])
    authority = (
        _builder(issuer, issuer, authority_key, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    names = [name for domain in DOMAINS for name in (domain, f"*.{domain}")]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DOMAINS[0])])
    certificate = (
        _builder(subject, issuer, key, authority_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(map(x509.DNSName, names)), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    authority_file, bundle_file = folder / "authority.pem", folder / "bundle.pem"
    authority_file.write_bytes(authority.public_bytes(pem))
    bundle_file.write_bytes(authority.public_bytes(pem) + _trusted().read_bytes())
    return _context(folder / "server.pem", certificate, key), authority_file, bundle_file


def _trusted() -> Path:
    """Return the file of the authorities that the user chose, or else those that are usual."""
    chosen = Path(os.environ.get("SSL_CERT_FILE", ""))
    return chosen if chosen.is_file() else Path(certifi.where())


def _context(
    file: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> ssl.SSLContext:
    """Return the context of a server; `ssl` reads keys from files only, so one exists briefly."""
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(pem))
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
    finally:
        file.unlink()
    return context


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.CertificateBuilder:
    now = datetime.now(timezone.utc)
    subject_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFETIME)
        .add_extension(subject_id, critical=False)
        .add_extension(issuer_id, critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
