"""Where the files shipped with the package lie: in the wheel, or beside the package in a checkout."""

from __future__ import annotations

import os

_package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def data_folder(name: str) -> str:
    """The folder of shipped `schemas` or `pipelines`, from a wheel, an editable install or a checkout."""
    shipped = os.path.join(_package, "_data", name)
    return shipped if os.path.isdir(shipped) else os.path.join(os.path.dirname(_package), name)
