"""Writes the world's orders for tasks of the body-model standard and for calls that are answered at once."""

from __future__ import annotations

from decimal import Decimal

from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.providers.kling.fake_slip import Slip
from kling_pipe.simulator.studio import MediaOrder
from kling_pipe.simulator.tasks import TaskOrder


def task_order(
    desk: Desk,
    slip: Slip,
    *,
    endpoint: str,
    function: str,
    product: str,
    units: Decimal,
    seconds: float,
    shape: str,
    outputs: tuple[MediaOrder, ...] = (),
    model: str = "",
    slots: int = 1,
    **details: str,
) -> TaskOrder:
    """A task that is asked about until it ends; `shape` is how its result is told, `details` what to remember."""
    return TaskOrder(
        account=desk.account,
        service="kling",
        product=product,
        endpoint=endpoint,
        model=model,
        units=units.normalize(),
        seconds=seconds,
        outputs=outputs,
        external_id=slip.external_id,
        callback_url=slip.callback_url,
        watermark=slip.watermark,
        slots=slots,
        details={"shape": shape, "function": function, **details},
    )


def call_order(
    desk: Desk,
    *,
    endpoint: str,
    function: str,
    product: str = "video",
    units: Decimal = Decimal(0),
    outputs: tuple[MediaOrder, ...] = (),
    topic: str = "",
    **details: str,
) -> TaskOrder:
    """A call that is answered with what it made."""
    return TaskOrder(
        account=desk.account,
        service="kling",
        product=product,
        endpoint=endpoint,
        model="",
        units=units.normalize(),
        seconds=0.0,
        outputs=outputs,
        at_once=True,
        topic=topic,
        details={"function": function, **details},
    )
