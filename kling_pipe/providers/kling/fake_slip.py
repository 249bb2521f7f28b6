"""What a caller attaches to a task of its own making: an id, an address to call back, the wish for a watermark."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from kling_pipe.providers.kling.fake_fields import Field, Others, Rebuff, read

watermark = Field("watermark_info", "object", children=(Field("enabled", "switch"),))
unmarked_tail = (Field("callback_url"), Field("external_task_id"))
tail = (watermark, *unmarked_tail)
_options = Field("options", "object", children=tail)
_reserved = ("localhost", "test", "example", "invalid")  # names that nobody can own


@dataclass(frozen=True, slots=True)
class Slip:
    """The three attachments; empty where nothing was given."""

    external_id: str = ""
    callback_url: str = ""
    watermark: bool = False

    @staticmethod
    def of(values: Mapping[str, Any]) -> Slip:
        """From the top level of a body-model request, read before."""
        return Slip(
            external_id=_external_id(values.get("external_task_id")),
            callback_url=_callback(values.get("callback_url")),
            watermark=bool(values.get("watermark_info", {}).get("enabled")),
        )

    @staticmethod
    def of_options(body: Mapping[str, Any]) -> Slip:
        """From the `options` of a path-model request."""
        found = read({"options": body.get("options")}, (_options,), others=Others.IGNORED)
        return Slip.of(found.get("options", {}))


def _external_id(text: str | None) -> str:
    """The service publishes no bounds, but the id must be usable in a path and in a list."""
    if text and ("/" in text or "," in text):
        raise Rebuff(400, 1201, "external_task_id value is invalid")
    return text or ""


def _callback(text: str | None) -> str:
    """HTTPS, as the page says; a plain address only where nobody else can be meant, for a listener beside us."""
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        raise Rebuff(400, 1201, "callback_url value is invalid") from None
    if not host or parts.scheme not in ("http", "https"):
        raise Rebuff(400, 1201, "callback_url value is invalid")
    if parts.scheme == "http" and not _is_near(host):
        raise Rebuff(400, 1201, "callback_url must be an HTTPS address")
    return text


def _is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.rpartition(".")[2] in _reserved
