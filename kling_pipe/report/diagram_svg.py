"""A plan's drawing as SVG: one file with everything in it, for a browser, a page or a pull request.

States are told by colour, sign and word; colours follow the reader's light or dark scheme. Members of a step stand
together; where there are many, they stand in a grid and their wires end at its frame.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from kling_pipe.report.diagram import Diagram, Edge, Node, signs, words
from kling_pipe.report.layered import Layout, laid_out
from kling_pipe.report.tables import printable, shortened

_margin, _head, _foot = 24.0, 44.0, 40.0
_pad, _cap, _gap = 10.0, 34.0, 8.0  # within the frame of a step
_picture = (96.0, 54.0)  # a thumbnail
_single, _member = 232.0, 164.0  # widths of boxes without a thumbnail
_rows = 12  # members below each other before a grid is made
_most_columns = 8
_letter = {"name": 6.9, "state": 6.0, "dim": 5.6}  # widths, a little more than fonts need

_colours: Mapping[str, tuple[str, str, str, str]] = {  # fill and line in light, fill and line in dark
    "current": ("#e6f4ea", "#1a7f37", "#12261a", "#3fb950"),
    "missing": ("#e7f1fd", "#0969da", "#10233f", "#58a6ff"),
    "pending": ("#f1f3f5", "#6e7781", "#1f242b", "#8b949e"),
    "running": ("#fff4d6", "#9a6700", "#2f2610", "#d29922"),
    "retry": ("#ffe9dc", "#bc4c00", "#331c0d", "#f0883e"),
    "uncertain": ("#ffe8e8", "#cf222e", "#3b1418", "#ff7b72"),
    "stale": ("#f3ebff", "#8250df", "#261a3d", "#bc8cff"),
}


@dataclass(frozen=True, slots=True)
class _Frame:
    """The members of one step, how they stand, and how much room they take."""

    step: str
    nodes: tuple[Node, ...]
    columns: int
    cell: tuple[float, float]
    has_pictures: bool

    @property
    def is_group(self) -> bool:
        return len(self.nodes) > 1 or bool(self.nodes[0].label)

    @property
    def size(self) -> tuple[float, float]:
        if not self.is_group:
            return self.cell
        rows = -(-len(self.nodes) // self.columns)
        width = self.columns * (self.cell[0] + _gap) - _gap + 2 * _pad
        return width, rows * (self.cell[1] + _gap) - _gap + _cap + _pad

    @property
    def fills_columns(self) -> bool:
        """Whether each column holds what has one value of the first axis."""
        firsts = [node.label.partition(" · ")[0] for node in self.nodes]
        rows = len(firsts) // self.columns
        return self.columns > 1 and firsts == [value for value in firsts[::rows] for _ in range(rows)]

    def corner(self, place: int) -> tuple[float, float]:
        """Where a member stands within the frame."""
        if not self.is_group:
            return 0.0, 0.0
        if self.fills_columns:
            column, row = divmod(place, len(self.nodes) // self.columns)
        else:
            row, column = divmod(place, self.columns)
        return _pad + column * (self.cell[0] + _gap), _cap + row * (self.cell[1] + _gap)


def render_svg(diagram: Diagram, thumbnails: Mapping[str, bytes]) -> str:
    """The whole drawing; `thumbnails` are JPEGs by address."""
    frames = {step: _frame(step, nodes, thumbnails) for step, nodes in diagram.steps.items()}
    step_of = {node.address: node.step for node in diagram.nodes}
    between = dict.fromkeys(
        (step_of[edge.above], step_of[edge.below])
        for edge in diagram.edges
        if step_of[edge.above] != step_of[edge.below]
    )
    layout = laid_out({step: frame.size for step, frame in frames.items()}, list(between))
    legend = list(dict.fromkeys(node.standing for node in diagram.nodes))
    width = max(layout.width + 2 * _margin, len(diagram.headline) * 7.4 + 2 * _margin, 110.0 * len(legend) + 220)
    height = layout.height + 2 * _margin + _head + _foot
    size = f'width="{width:.0f}" height="{height:.0f}"'
    head = f'viewBox="0 0 {width:.0f} {height:.0f}" {size} role="img" aria-labelledby="t"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {head}>',
        f'<title id="t">{_text(diagram.headline)}</title>',
        _style(),
        f'<rect class="page" {size}/>',
        f'<text class="head" x="{_margin}" y="{_margin + 10}">{_text(diagram.headline)}</text>',
        f'<g transform="{_moved(_margin, _margin + _head - 14)}">',
        *_lines(diagram, frames, layout, step_of),
        *(part for step, frame in frames.items() for part in _drawn(frame, layout.corners[step], thumbnails)),
        "</g>",
        *_legend(legend, diagram, height),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _frame(step: str, nodes: tuple[Node, ...], thumbnails: Mapping[str, bytes]) -> _Frame:
    has_pictures = any(node.address in thumbnails for node in nodes)
    is_group = len(nodes) > 1 or bool(nodes[0].label)
    room = _picture[0] + _pad if has_pictures else 0.0
    lines = (2 if is_group else 3) + any(node.deliveries for node in nodes)
    height = max(16.0 * lines + 12.0, _picture[1] + 2 * _gap if has_pictures else 0.0)
    return _Frame(step, nodes, _columns(len(nodes)), ((_member if is_group else _single) + room, height), has_pictures)


def _columns(count: int) -> int:
    """One column of a dozen; beyond that as few as divide the members evenly, so that rows mean something."""
    if count <= _rows:
        return 1
    even = [columns for columns in range(2, _most_columns + 1) if count % columns == 0 and count // columns <= _rows]
    return even[0] if even else min(-(-count // _rows), _most_columns)


def _drawn(frame: _Frame, corner: tuple[float, float], thumbnails: Mapping[str, bytes]) -> Iterator[str]:
    left, top = corner
    if frame.is_group:
        first, (width, height) = frame.nodes[0], frame.size
        count = f" · {len(frame.nodes)} members" if len(frame.nodes) > 1 else ""
        yield f'<g transform="{_moved(left, top)}">'
        yield f'<rect class="step" width="{width:.1f}" height="{height:.1f}" rx="9"/>'
        yield _row("name", frame.step + count, _pad, 15, width - 2 * _pad)
        yield _row("dim", f"{first.kind} · {first.model}", _pad, 28, width - 2 * _pad)
        yield "</g>"
    for place, node in enumerate(frame.nodes):
        inner = frame.corner(place)
        yield from _box(node, frame, (left + inner[0], top + inner[1]), thumbnails.get(node.address))


def _box(node: Node, frame: _Frame, corner: tuple[float, float], thumbnail: bytes | None) -> Iterator[str]:
    (width, height), shift = frame.cell, _picture[0] + _pad if frame.has_pictures else 0.0
    middle = height / 2
    rows = [("name", (node.label if frame.is_group else "") or node.step)]
    rows += [] if frame.is_group else [("dim", f"{node.kind} · {node.model}")]
    rows += [("state", node.state)]
    more = f" +{len(node.deliveries) - 1}" if len(node.deliveries) > 1 else ""
    room = width - shift - 2 * _pad
    rows += [("dim", f"→ {_end(node.deliveries[0], room - 36)}{more}")] if node.deliveries else []
    first = middle - 8.0 * len(rows) + 12.0
    style = f"box {_style_of(node.standing)}{' way' if node.on_longest_way else ''}"
    yield f'<g class="{style}" transform="{_moved(*corner)}">'
    yield f"<title>{_text(_told(node))}</title>"
    yield f'<rect width="{width:.1f}" height="{height:.1f}" rx="6"/>'
    if frame.has_pictures:
        yield _thumbnail(node, thumbnail, middle)
    for place, (look, text) in enumerate(rows):
        yield _row(look, text, _pad + shift, first + 16 * place, room)
    yield "</g>"


def _end(path: str, room: float) -> str:
    """The end of a path that is too long: its file's name says most."""
    most = int(room / _letter["dim"])
    return path if len(path) <= most else "…" + path[1 - most :]


def _row(look: str, text: str, x: float, y: float, room: float) -> str:
    """A line of text, cut to its room."""
    fitting = shortened(printable(text), max(1, int(room / _letter[look])))
    return f'<text class="{look}" x="{x:.1f}" y="{y:.1f}">{_text(fitting)}</text>'


def _moved(x: float, y: float) -> str:
    return f"translate({x:.1f} {y:.1f})"


def _style_of(standing: str) -> str:
    return standing if standing in _colours else "pending"


def _thumbnail(node: Node, thumbnail: bytes | None, middle: float) -> str:
    x, y = _gap, middle - _picture[1] / 2
    if thumbnail is None:
        sign = {"audio": "♪", "voice": "♪", "video": "▷", "element": "◇"}.get(node.makes, "▢")
        return (
            f'<rect class="none" x="{x}" y="{y:.1f}" width="{_picture[0]}" height="{_picture[1]}" rx="3"/>'
            f'<text class="sign" x="{x + _picture[0] / 2}" y="{middle + 6:.1f}" text-anchor="middle">{sign}</text>'
        )
    data = base64.b64encode(thumbnail).decode()
    return (
        f'<image x="{x}" y="{y:.1f}" width="{_picture[0]}" height="{_picture[1]}"'
        f' href="data:image/jpeg;base64,{data}"/>'
    )


def _told(node: Node) -> str:
    """What a pointer over the box is told."""
    lines = [f"{node.address}: {node.kind} by {node.model}", node.state, node.reason, node.prompt]
    lines += [f"→ {path}" for path in node.deliveries]
    return "\n".join(line for line in lines if line)


def _lines(diagram: Diagram, frames: Mapping[str, _Frame], layout: Layout, step_of: Mapping[str, str]) -> Iterator[str]:
    """Wires; those to or from a grid end at its frame and are drawn once, with their number."""
    ends: dict[tuple[str, str, str, str], list[Edge]] = {}
    for edge in diagram.edges:
        above, below = step_of[edge.above], step_of[edge.below]
        if above != below:
            one = "" if frames[above].columns > 1 else edge.above
            other = "" if frames[below].columns > 1 else edge.below
            ends.setdefault((above, below, one, other), []).append(edge)
    for (above, below, one, other), edges in sorted(
        ends.items(), key=lambda item: any(e.on_longest_way for e in item[1])
    ):
        begin = _port(frames[above], layout.corners[above], one, side=1.0)
        end = _port(frames[below], layout.corners[below], other, side=0.0)
        passes = layout.passes.get((above, below), ())
        border = layout.corners[below][0]
        points = [begin, (layout.rights[above], begin[1]), *passes, (border, end[1]), end]
        style = "wire" + (" way" if any(edge.on_longest_way for edge in edges) else "")
        style += " order" if not any(edge.fields for edge in edges) else ""
        count = f" ({len(edges)} wires)" if len(edges) > 1 else ""
        told = f"{edges[0].above} → {edges[0].below}{count}: {', '.join(edges[0].fields) or 'order only'}"
        yield f'<path class="{style}" d="{_curve(points)}"><title>{_text(told)}</title></path>'
        yield f'<path class="tip{" way" if "way" in style else ""}" d="M{end[0]:.1f} {end[1]:.1f}l-7 -3.5v7z"/>'


def _port(frame: _Frame, corner: tuple[float, float], address: str, *, side: float) -> tuple[float, float]:
    """Where wires meet a member, or the frame where no member is named."""
    place = next((at for at, node in enumerate(frame.nodes) if node.address == address), None)
    if place is None:
        return corner[0] + side * frame.size[0], corner[1] + frame.size[1] / 2
    inner = frame.corner(place)
    return corner[0] + inner[0] + side * frame.cell[0], corner[1] + inner[1] + frame.cell[1] / 2


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """Straight where two points stand level, else bent like an S."""
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x, y), (u, v) in itertools.pairwise(points):
        bend = (u - x) / 2
        parts.append(
            f"L{u:.1f} {v:.1f}"
            if abs(v - y) < 0.5
            else f"C{x + bend:.1f} {y:.1f} {u - bend:.1f} {v:.1f} {u:.1f} {v:.1f}"
        )
    return "".join(parts)


def _legend(standings: Sequence[str], diagram: Diagram, height: float) -> Iterator[str]:
    x, y = _margin, height - _foot / 2
    for standing in standings:
        text = f"{signs.get(standing, '')} {words.get(standing, standing)}"
        yield f'<g class="box {_style_of(standing)}" transform="{_moved(x, y - 12)}">'
        yield '<rect width="16" height="16" rx="4"/>'
        yield f'<text class="dim" x="22" y="12">{_text(text)}</text></g>'
        x += 44 + len(text) * 6.0
    if len(diagram.longest_way) > 1:
        yield f'<path class="wire way" d="M{x:.1f} {y - 4:.1f}h26"/>'
        yield f'<text class="dim" x="{x + 32:.1f}" y="{y:.1f}">longest way</text>'


def _style() -> str:
    light = "".join(
        f".{name} rect{{fill:{fill};stroke:{line}}}.{name} .state{{fill:{line}}}"
        for name, (fill, line, _, _) in _colours.items()
    )
    dark = "".join(
        f".{name} rect{{fill:{fill};stroke:{line}}}.{name} .state{{fill:{line}}}"
        for name, (_, _, fill, line) in _colours.items()
    )
    return (
        "<style>text{font-family:ui-sans-serif,system-ui,'DejaVu Sans','Noto Sans',sans-serif;fill:#1b1f24}"
        ".page{fill:#fff}.head{font-size:13px;font-weight:600}.name{font-size:12px;font-weight:600}"
        ".dim{font-size:10px;fill:#57606a}.state{font-size:11px}.sign{font-size:20px;fill:#8b949e}"
        ".step{fill:#f6f8fa;stroke:#d0d7de}.wire{fill:none;stroke:#8c959f;stroke-width:1.2}.order{stroke-dasharray:4 4}"
        ".tip{fill:#8c959f}.wire.way{stroke:#d4357f;stroke-width:2.6}.tip.way{fill:#d4357f}"
        f"{light}.box.pending rect{{stroke-dasharray:4 3}}.box.way rect{{stroke-width:2.4}}"
        ".box .none,.box.way .none{fill:none;stroke:#d0d7de;stroke-width:1;stroke-dasharray:none}"
        "@media (prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117}.dim{fill:#9da7b3}"
        f".step{{fill:#161b22;stroke:#30363d}}.wire{{stroke:#6e7681}}.tip{{fill:#6e7681}}{dark}"
        ".box .none,.box.way .none{fill:none;stroke:#30363d}"
        ".wire.way{stroke:#ff7ab6}.tip.way{fill:#ff7ab6}}</style>"
    )


def _text(text: str) -> str:
    """Safe within XML: lines are kept, other control characters are shown."""
    return escape("\n".join(printable(line) for line in text.split("\n")))
