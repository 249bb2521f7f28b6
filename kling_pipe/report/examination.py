"""What `doctor` found, a line a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kling_pipe.report.amounts import plural
from kling_pipe.report.tables import printable, width


class Finding(Protocol):
    """One question and its answer; `api/doctor.py` brings it."""

    @property
    def name(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def hint(self) -> str: ...


_marks = {"ok": "ok   ", "warning": "warn ", "error": "ERROR"}


def render_examination(findings: Sequence[Finding]) -> str:
    """The findings as text, each hint under its line."""
    widest = max((width(finding.name) for finding in findings), default=0)
    lines = []
    for finding in findings:
        space = " " * (widest - width(finding.name))
        lines.append(f"{_marks.get(str(finding.state), '     ')}  {finding.name}{space}  {printable(finding.text)}")
        if finding.hint:
            lines.append(f"       {' ' * widest}  hint: {printable(finding.hint)}")
    errors, warnings = (sum(str(finding.state) == state for finding in findings) for state in ("error", "warning"))
    well = f"no error, {plural(warnings, 'warning')}" if warnings else "all well"
    lines += ["", f"{plural(errors, 'error')} found" if errors else well]
    return "\n".join(lines) + "\n"


def examination_to_json(findings: Sequence[Finding]) -> dict[str, object]:
    """The findings for the envelope's `data`."""
    return {
        "findings": [
            {"name": finding.name, "state": str(finding.state), "text": finding.text, "hint": finding.hint}
            for finding in findings
        ]
    }
