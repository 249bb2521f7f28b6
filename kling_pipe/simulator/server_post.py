"""The way of callbacks to the network; httpx stays inside this file."""

from __future__ import annotations

from collections.abc import Mapping

patience = 10.0  # seconds; the service publishes no limit of its own (native page, D15)


async def post(url: str, headers: Mapping[str, str], body: bytes) -> None:
    """Sends one callback; raises OSError when nobody answered. What was answered matters to nobody."""
    import httpx  # only worlds that tell somebody pay for it

    secure = url.startswith("https://")  # a plain address needs no certificates, which take long to load
    try:
        async with httpx.AsyncClient(timeout=patience, verify=secure, trust_env=False) as client:
            await client.post(url, headers=dict(headers), content=body)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise OSError(f"`{url}` did not answer: {type(error).__name__}") from error
