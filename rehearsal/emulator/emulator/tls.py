"""
AWS' names over TLS: in the emulated network *.amazonaws.com is this address, with a certificate of the rehearsal's
authority, so that hosts call AWS as they do on AWS, without a word about an endpoint.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from pathlib import Path

from emulator.authority import issue
from emulator.aws import PORT, REGION
from emulator.settings import SERVICE_ADDRESS


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", PORT)
    await asyncio.gather(_pipe(reader, inner_writer), _pipe(inner_reader, writer))


def serve(folder: Path) -> None:
    """Starts it, in a thread of its own."""
    names = [f"*.{REGION}.amazonaws.com", f"*.s3.{REGION}.amazonaws.com", "*.amazonaws.com", "*.s3.amazonaws.com"]
    certificate, key = issue(folder, "amazonaws", names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def run() -> None:
        server = await asyncio.start_server(_forward, SERVICE_ADDRESS, 443, ssl=context)
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(run()), name="tls", daemon=True).start()
