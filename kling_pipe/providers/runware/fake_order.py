"""What every generating task has, and the world's order for one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kling_pipe.providers.runware.fake_errors import invalid
from kling_pipe.providers.runware.fake_fields import Parameter
from kling_pipe.providers.runware.fake_media import Desk, service, uuids_in
from kling_pipe.simulator.studio import MediaOrder
from kling_pipe.simulator.tasks import TaskOrder

common = (
    Parameter("taskType"),
    Parameter("taskUUID"),
    Parameter("model"),
    Parameter("includeCost", "switch"),
    Parameter("numberResults", "whole", low=1, high=20),  # no upper bound is told; twenty is this simulator's
    Parameter("outputQuality", "whole", low=20, high=99),
    Parameter("ttl", "whole", low=60),
    Parameter("uploadEndpoint"),  # taken, and nothing is put there: the world has no way to it
    Parameter("webhookURL"),
    Parameter("safety", "any"),
    Parameter("routing", "any"),
)


def order_of(
    task: Mapping[str, Any],
    values: Mapping[str, Any],
    desk: Desk,
    *,
    air: str,
    product: str,
    outputs: tuple[MediaOrder, ...],
    each: Decimal,
    seconds: float,
    sync: bool = False,
) -> TaskOrder:
    """The order; `each` is what one result costs in USD. Raises Rebuff for an address that is none."""
    for name in ("webhookURL", "uploadEndpoint"):
        if name in values and not values[name].startswith(("http://", "https://")):
            raise invalid(name, "expected a URL")
    return TaskOrder(
        account=desk.account,
        service=service,
        product=product,
        endpoint=str(task["taskType"]),
        model=air,
        units=(each * len(outputs)).normalize(),
        seconds=seconds,
        outputs=outputs,
        external_id=str(task["taskUUID"]).lower(),
        callback_url=values.get("webhookURL", ""),
        currency="USD",
        lifetime=float(values.get("ttl", 0)),
        details={
            "request": json.dumps(task),
            "each": f"{each.normalize():f}",
            "cost": "1" if values.get("includeCost") else "",
            "type": values.get("outputType", "URL"),
            "count": str(len(outputs)),
            "sync": "1" if sync and "webhookURL" not in values else "",
            "used": uuids_in(task),
        },
    )
