"""What the service asks for a job, in credits; picsart.md sections 2 and 4."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from kling_pipe.providers.picsart.refusals import pack, unreadable
from kling_pipe.values.answer import Refusal
from kling_pipe.values.money import Cost
from kling_pipe.values.wire import Json

_most = 10**9  # an amount beyond this is no amount


def cost_in(answer: Json, usd: Mapping[str, Decimal]) -> Cost | Refusal:
    """Credits, and what they come to where the project says what one costs."""
    found = _credits(answer)
    if found is None:
        return unreadable("the answer names no price")
    return Cost(found * usd.get(pack, Decimal(0)), ((pack, found),))


def _credits(answer: Json) -> Decimal | None:
    """`response.credits` of the service; of the executable the total, else what the model takes where that is one
    figure: of a range nobody can say which end it is."""
    inner, span = answer.get("response"), answer.get("creditRange")
    least = span.get("min") if isinstance(span, Mapping) else None
    one = span if isinstance(span, Mapping) and least == span.get("max") else None
    for holder, key in ((inner, "credits"), (answer, "credits"), (answer, "totalCredits"), (one, "max")):
        value = holder.get(key) if isinstance(holder, Mapping) else None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _most:
            return Decimal(str(value))
    return None
