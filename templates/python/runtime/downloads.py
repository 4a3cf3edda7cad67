"""Downloading what an endpoint made."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from .errors import NOTHING, ConnectionFailed, api_error
from .exchange import ATTEMPTS, exchange
from .io import NEVER, Call, Io

_PARTIAL_CONTENT, _RANGE_NOT_SATISFIABLE = 206, 416


async def download(io: Io, url: str, path: Path) -> Path:
    """Write what `url` holds to `path`, or into it under the URL's own name if it is a folder.

    The file appears when it is complete. Until then it grows in `<name>.part` beside it, which a
    later attempt, also after a restart, goes on with.
    """
    is_inline = url.startswith("data:")  # as results are when the input asks for `sync_mode`
    if path.is_dir():
        name = "" if is_inline else Path(unquote(urlsplit(url).path)).name
        path /= "download" if name in ("", "..") else name
    part = path.with_name(f"{path.name}.part")
    if is_inline:
        from urllib.request import urlopen  # seldom needed, and slow to import

        with urlopen(url) as content:
            part.write_bytes(content.read())
        return part.replace(path)
    broken: httpx.RequestError | None = None
    for _ in range(ATTEMPTS):
        start = part.stat().st_size if part.exists() else 0
        # Encoded content could not be continued from a position in the file.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        call = Call("GET", url, headers=headers, keyed=False, streamed=True)
        response = await exchange(io, call, NEVER)
        if response.status_code == _RANGE_NOT_SATISFIABLE:
            if response.headers.get("content-range") == f"bytes */{start}":
                return part.replace(path)
            part.unlink()  # another file's
            continue
        if not response.is_success:
            raise api_error(response, NOTHING)
        try:
            continues = response.status_code == _PARTIAL_CONTENT
            with part.open("ab" if continues else "wb") as file:
                while piece := await io.read(response):
                    file.write(piece)
        except httpx.RequestError as error:
            broken = error
        else:
            return part.replace(path)
    raise ConnectionFailed(f"{url} broke off {ATTEMPTS} times") from broken
