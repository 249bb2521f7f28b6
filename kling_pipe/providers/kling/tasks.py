"""Task objects of both request standards, told apart by their fields and read into one value; kling.md section 3.

Nothing here raises: what cannot be read is left out, and a task without an id or a status is none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from kling_pipe.providers.kling.refusals import sounds_moderated, text_in
from kling_pipe.values.answer import AnswerClass
from kling_pipe.values.job import Output, Phase, TaskState
from kling_pipe.values.media import MediaType
from kling_pipe.values.money import Cost

Prices = Mapping[str, Decimal]  # USD of one unit by pack

# Both spellings of success; section 4. A word nobody has listed is taken for work in progress.
_phases: Mapping[str, Phase] = {
    "submitted": Phase.QUEUED,
    "processing": Phase.RUNNING,
    "succeed": Phase.SUCCEEDED,
    "succeeded": Phase.SUCCEEDED,
    "failed": Phase.FAILED,
}
_ended = frozenset({Phase.SUCCEEDED, Phase.FAILED})
_most = Decimal(10) ** 9  # an amount beyond this is no amount


def read_task(data: object, product: str, prices: Prices) -> TaskState | None:
    """A task of either standard; `product` is the pack of a body-model task, which does not name it."""
    if not isinstance(data, Mapping):
        return None
    if "task_id" in data or "task_status" in data:
        return _body_task(data, product, prices)
    return _path_task(data, prices)


def _body_task(data: Mapping[str, object], product: str, prices: Prices) -> TaskState | None:
    result = _mapping(data.get("task_result"))
    info = _mapping(data.get("task_info"))
    outputs = (
        *_outputs(result.get("videos"), MediaType.VIDEO),
        *_outputs(result.get("images"), MediaType.IMAGE),
        *_outputs(result.get("series_images"), MediaType.IMAGE),
    )
    return _task(
        task_id=_id(data.get("task_id")),
        external_id=text_in(info.get("external_task_id")) or text_in(data.get("external_task_id")),
        status=text_in(data.get("task_status")),
        message=text_in(data.get("task_status_msg")),
        outputs=outputs,
        cost=_deduction(data, product, prices),
        created=_seconds(data.get("created_at"), 1000),
        updated=_seconds(data.get("updated_at"), 1000),
    )


def _path_task(data: Mapping[str, object], prices: Prices) -> TaskState | None:
    items = _list(data.get("outputs"))
    outputs = (
        *_outputs((item for item in items if _mapping(item).get("type") == "video"), MediaType.VIDEO),
        *_outputs((item for item in items if _mapping(item).get("type") == "image"), MediaType.IMAGE),
    )
    return _task(
        task_id=_id(data.get("id")),
        external_id=text_in(data.get("external_id")),
        status=text_in(data.get("status")),
        message=text_in(data.get("message")),
        outputs=outputs,
        cost=_billing(data.get("billing"), prices),
        created=_seconds(data.get("create_time"), 1000),
        updated=_seconds(data.get("update_time"), 1000),
    )


def _task(
    *,
    task_id: str,
    external_id: str,
    status: str,
    message: str,
    outputs: tuple[Output, ...],
    cost: Cost | None,
    created: float,
    updated: float,
) -> TaskState | None:
    if not task_id or not status:
        return None
    phase = _phases.get(status, Phase.RUNNING)
    moderated = phase is Phase.FAILED and sounds_moderated(message)
    return TaskState(
        task_id=task_id,
        external_id=external_id,
        phase=phase,
        message=message,
        failure=str(AnswerClass.MODERATED) if moderated else "",
        outputs=outputs if phase is Phase.SUCCEEDED else (),
        cost=cost if phase in _ended else None,
        created=created,
        updated=updated,
        status=status,
    )


def _outputs(items: object, media_type: MediaType) -> tuple[Output, ...]:
    """Files in the service's order. A watermarked rendition is there only when it was asked for, so it is meant.

    Where an index is given twice, indexes mean nothing and the order of the list counts: no file is left out.
    """
    found: dict[tuple[int, str], Output] = {}
    for place, item in enumerate(_list(items)):
        entry = _mapping(item)
        url = text_in(entry.get("watermark_url")) or text_in(entry.get("url"))
        index = entry.get("index")
        index = index if isinstance(index, int) and not isinstance(index, bool) and index >= 0 else place
        if url and (index, url) not in found:
            seconds = _seconds(entry.get("duration"), 1)
            found[index, url] = Output(url, media_type, index, _id(entry.get("id")), seconds)
    if len({index for index, _ in found}) < len(found):
        return tuple(replace(output, index=place) for place, output in enumerate(found.values()))
    return tuple(sorted(found.values(), key=lambda output: output.index))


def _deduction(data: Mapping[str, object], product: str, prices: Prices) -> Cost | None:
    """Units of a pack, or money on accounts billed in money; None while the service says neither."""
    units = _amount(data.get("final_unit_deduction"))
    balance = _mapping(data.get("final_balance_deduction"))
    money = _amount(balance.get("quota"))
    if money and not units:
        return Cost(money)
    return None if units is None else _units(product, units, prices)


def _billing(value: object, prices: Prices) -> Cost | None:
    lines = [_line(_mapping(item), prices) for item in _list(value)]
    known = [line for line in lines if line is not None]
    return Cost.total(known) if lines and len(known) == len(lines) else None


def _line(item: Mapping[str, object], prices: Prices) -> Cost | None:
    """One charge; None when it cannot be told in USD and units."""
    amount = _amount(item.get("amount"))
    if amount is None:
        return None
    if item.get("charge_type") == "unit":
        return _units(text_in(item.get("package_type")) or "video", amount, prices)
    in_usd = (text_in(item.get("currency")) or "USD").upper() == "USD"
    return Cost(amount) if item.get("charge_type") == "cash" and in_usd else None


def _units(pack: str, units: Decimal, prices: Prices) -> Cost:
    """Units at list price; a pack without a price counts as the dearest, so that a budget is never passed."""
    price = prices.get(pack)
    return Cost(units * (max(prices.values(), default=Decimal(0)) if price is None else price), ((pack, units),))


def _amount(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > 40:
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount <= _most else None


def _seconds(value: object, divisor: int) -> float:
    amount = _amount(value)
    seconds = float(amount) / divisor if amount is not None else _large(value) / divisor
    return seconds if math.isfinite(seconds) else 0.0


def _large(value: object) -> float:
    """Unix milliseconds pass what an amount of money may be."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e16 else 0.0


def _id(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**30:
        return str(value)
    return text_in(value)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping) else []
