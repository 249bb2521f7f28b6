"""Elements and voices in the store: they are no files but names at a service, kept as a small card of JSON.

A card's bytes are the same for the same id, so that what is made from an element found again stays current.
"""

from __future__ import annotations

import json

from kling_pipe.edge.store import Store
from kling_pipe.errors import StepFailure
from kling_pipe.values.job import Output
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.transfer import Fetched, FetchTrouble

card_format = 1


def write_card(store: Store, output: Output) -> Fetched:
    """Puts the card of an element or voice into the store; raises FetchTrouble when the service named no id."""
    if not output.id:
        raise FetchTrouble(f"the task succeeded and names no {output.type}", gone=True)
    card = {"format": card_format, "type": str(output.type), "id": output.id, "name": output.name}
    data = (json.dumps(card, ensure_ascii=False, sort_keys=True) + "\n").encode()
    incoming = store.begin()
    try:
        incoming.write(data)
        digest = store.keep(incoming)
    except BaseException:
        store.drop(incoming)
        raise
    return Fetched(output, digest, MediaFacts(output.type, "json", len(data)))


def read_card(path: str, field: str) -> str:
    """The id on a card; raises StepFailure when the file is gone or no card."""
    try:
        with open(path, encoding="utf-8") as file:
            card = json.load(file)
        if card["format"] == card_format and card["id"]:
            return str(card["id"])
    except OSError as error:
        raise StepFailure("object-missing", f"the card for `{field}` is gone: `{path}`") from error
    except (ValueError, KeyError, TypeError) as error:
        raise StepFailure("card-damaged", f"the card for `{field}` cannot be read: `{path}`") from error
    raise StepFailure("card-damaged", f"the card for `{field}` is of another format: `{path}`")
