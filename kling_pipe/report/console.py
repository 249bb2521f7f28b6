"""A run on a terminal: results scroll up, what is on the move stands below. The door to rich."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from kling_pipe.events import Event, JobIntended, RunStarted
from kling_pipe.report.amounts import duration
from kling_pipe.report.lines import Detail, line
from kling_pipe.report.progress import Progress, Row, Stage
from kling_pipe.report.tables import printable, shortened
from kling_pipe.values.money import Cost, plain

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.table import Table
    from rich.text import Text

_frames_a_second = 5
_wide = 100  # columns of a terminal that all six columns fit in
_lines_kept_free = 6  # of the terminal, for the header and what scrolls up
_colours = {
    Stage.READY: "dim",
    Stage.DEFERRED: "yellow",
    Stage.SENDING: "cyan",
    Stage.LOOKING: "yellow",
    Stage.RUNNING: "cyan",
    Stage.FETCHING: "green",
}
_marks = {"done": ("✓", "green"), "failed": ("✗", "red"), "uncertain": ("?", "red"), "blocked": ("–", "dim"),
          "road-changed": ("→", "yellow")}  # fmt: skip


class LiveConsole:
    """A listener and a context: draws while it is open. `now` is any clock."""

    def __init__(
        self,
        stream: IO[str],
        now: Callable[[], float],
        *,
        colour: bool = True,
        columns: int | None = None,
    ) -> None:
        from rich.console import Console
        from rich.live import Live

        self.progress = Progress()
        self._now = now
        self._began = now()
        self._arrived: dict[str, float] = {}
        self._console: RichConsole = Console(
            file=stream,
            force_terminal=True,
            no_color=not colour,
            markup=False,  # prompts and file names may hold `[brackets]`
            emoji=False,
            highlight=False,
            soft_wrap=False,
            width=columns,
        )
        self._live = Live(
            console=self._console,
            get_renderable=self._picture,
            refresh_per_second=_frames_a_second,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.stop()

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._began = self._now()
        if isinstance(event, JobIntended) or event.member not in self._arrived:
            self._arrived[event.member] = self._now()
        self.progress.take(event)
        text = line(event, Detail.RESULTS)
        if text:
            self._console.print(self._result(event, printable(text)))

    def say(self, text: str) -> None:
        """A line of talk above the moving part."""
        self._console.print(text)

    def _result(self, event: Event, text: str) -> Text:
        from rich.text import Text

        mark, colour = _marks.get(event.name, ("·", "dim"))
        return Text.assemble((f"{mark} ", colour), text, overflow="fold")

    def _picture(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 2))
        is_wide = self._console.width >= _wide
        for _ in range(6 if is_wide else 4):
            grid.add_column(no_wrap=True, overflow="ellipsis")
        rows = list(self.progress.rows.values())  # one step of the interpreter: the drawing thread sees a whole list
        shown = rows[: max(1, self._console.height - _lines_kept_free)]
        for row in shown:
            grid.add_row(*(self._cells(row) if is_wide else self._narrow_cells(row)))
        if len(rows) > len(shown):
            grid.add_row(Text(f"… and {len(rows) - len(shown)} more", "dim"))
        outer = Table.grid()
        outer.add_row(grid)
        outer.add_row(Text(self.header(), "bold", no_wrap=True, overflow="ellipsis"))
        return outer

    def _cells(self, row: Row) -> tuple[Text, ...]:
        from rich.text import Text

        elapsed = self._now() - self._arrived.get(row.member, self._now())
        times = f"{duration(elapsed)} of ~{duration(row.expected)}" if row.expected else duration(elapsed)
        status = row.note or (row.status if row.stage is Stage.RUNNING else "")
        return (
            Text(shortened(printable(row.member), 40), "bold"),
            Text(row.stage.value, _colours[row.stage]),
            Text(shortened(printable(status), 30), "dim"),
            Text(times),
            Text(str(row.cost) if row.cost else ""),
            Text(shortened(row.model, 24), "dim"),
        )

    def _narrow_cells(self, row: Row) -> tuple[Text, ...]:
        """What matters most where there is little room: which step, where it stands, since when, for how much."""
        from rich.text import Text

        name, stage, _, times, _, _ = self._cells(row)
        cost = f"{plain(row.cost.usd)} USD" if row.cost else ""
        return Text(shortened(name.plain, 20), "bold"), stage, Text(times.plain.partition(" of ")[0]), Text(cost)

    def header(self) -> str:
        """`3/7 done · spent 0.42 USD (+0.98 USD on the way) · about 1 min 20 s left`."""
        progress = self.progress
        if progress.started is None:
            return "reading the storyboard"
        parts = [f"{progress.settled}/{progress.total} settled"]
        if progress.failures:
            parts.append(f"{len(progress.failures)} failed")
        coming = progress.pending_cost
        spent = Cost(progress.spent.usd)  # units are told with each result
        parts.append(f"spent {spent}" + (f", {Cost(coming.usd)} on the way" if coming else ""))
        left = progress.started.seconds - (self._now() - self._began)
        if progress.rows:
            parts.append(f"about {duration(left)} left" if left > 0 else "any moment")
        return " · ".join(parts)
