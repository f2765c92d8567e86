"""Certificates of the rehearsal's own authority, for what AWS has certificates of public authorities for."""

from __future__ import annotations

import subprocess
from pathlib import Path

from emulator.settings import AUTHORITY


def issue(folder: Path, name: str, dns_names: list[str]) -> tuple[Path, Path]:
    """A certificate and its key, for servers; valid for the length of a rehearsal."""
    key, request, certificate = (folder / f"{name}{suffix}" for suffix in (".key", ".csr", ".pem"))
    extensions = folder / f"{name}.ext"
    extensions.write_text(
        "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
        f"subjectAltName={','.join(f'DNS:{dns}' for dns in dns_names)}\n"
    )
    _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", str(key), "-out", str(request), "-subj", "/CN=rehearsal")  # fmt: skip
    _openssl("x509", "-req", "-in", str(request), "-CA", str(AUTHORITY / "ca.pem"),
             "-CAkey", str(AUTHORITY / "ca.key"), "-CAcreateserial", "-CAserial", str(folder / f"{name}.srl"),
             "-days", "7", "-extfile", str(extensions), "-out", str(certificate))  # fmt: skip
    key.chmod(0o600)
    return certificate, key


def make_authority(folder: Path) -> None:
    """The authority itself: ca.pem and ca.key."""
    folder.mkdir(parents=True, exist_ok=True)
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.pem"), "-days", "7",
             "-subj", "/CN=iGrid rehearsal", "-addext", "basicConstraints=critical,CA:TRUE")  # fmt: skip
    (folder / "ca.key").chmod(0o600)


def _openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]}: {done.stderr.strip()}")
