"""The way of a simulated service to files that requests name by an address of another host."""

from __future__ import annotations

patience = 30.0  # seconds without a byte; how long the service waits is not published
most_bytes = 256 << 20  # beyond the largest clip any endpoint takes (200 MB, native page, section 10, likely)


async def fetch(url: str) -> bytes:
    """The whole file; raises OSError when it cannot be had. Addresses are no words for a log: they may be signed."""
    import httpx  # only worlds on a port pay for it

    is_secure = url.startswith("https://")  # a plain address needs no certificates, which take long to load
    data = bytearray()
    try:
        async with (
            httpx.AsyncClient(timeout=patience, verify=is_secure, trust_env=is_secure, follow_redirects=True) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != 200:
                raise OSError(f"the address answers {answer.status_code}")
            async for piece in answer.aiter_bytes():
                data += piece
                if len(data) > most_bytes:
                    raise OSError("the file is too large")
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise OSError(type(error).__name__) from None
    return bytes(data)
