"""A page as a parser sees it: its tags, what it refers to, and its words."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_addresses = frozenset(
    {"src", "href", "poster", "srcset", "action", "data", "background", "formaction", "ping", "cite"}
)


class PageParts(HTMLParser):
    """What a page holds, gathered once it is fed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.handlers: list[str] = []
        self.metas: dict[str, str] = {}
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in _addresses:
                self.addresses.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)
            if name == "id":
                self.ids.append(value or "")
            if name == "style":
                self.addresses += re.findall(r"url\(([^)]*)\)|@import", value or "")
        if tag == "meta":
            named = dict(attrs)
            self.metas[named.get("http-equiv") or named.get("name") or "charset"] = named.get("content") or ""

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def elsewhere(self) -> list[str]:
        """Addresses that lead out of the page."""
        return [one[:80] for one in self.addresses if not one.startswith(("data:", "#"))]
