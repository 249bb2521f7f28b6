"""Places boxes in layers from left to right so that few lines cross: a pure function of sizes and edges.

1. A box stands one layer behind the last of those it needs; one that needs nothing stands just before its first user.
2. A line over several layers holds a place in each, shared by all lines of one box.
3. Layers are sorted by the mean place of their neighbours, forth and back; the order with the fewest crossings stays.
4. Boxes are drawn towards the middle of their neighbours as far as their order and the gaps allow.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_sweeps = 12
_drawings = 8
Name = tuple[str, int]  # a box and -1, or the box a line begins at and the layer it passes


@dataclass(frozen=True, slots=True)
class Spacing:
    """Room between layers, between boxes of a layer, and what a passing line takes."""

    layers: float = 72.0
    boxes: float = 18.0
    line: float = 10.0


@dataclass(frozen=True, slots=True)
class Layout:
    """Left upper corners of boxes, where the layer of each ends, the points each edge passes between its ends, and the
    size of all."""

    corners: Mapping[str, tuple[float, float]]
    rights: Mapping[str, float]
    passes: Mapping[tuple[str, str], tuple[tuple[float, float], ...]]
    width: float
    height: float
    crossings: int


def laid_out(
    boxes: Mapping[str, tuple[float, float]], edges: Sequence[tuple[str, str]], spacing: Spacing = Spacing()
) -> Layout:
    """The places of boxes given with width and height in an order in which none needs a later one."""
    layer_of = _layers(boxes, edges)
    layers, links = _with_passing_lines(boxes, edges, layer_of)
    layers, crossings = _sorted(layers, links)
    heights = {name: boxes[name[0]][1] if name[1] < 0 else spacing.line for layer in layers for name in layer}
    tops = _drawn_together(layers, links, heights, spacing.boxes)
    widths = [max(boxes[name[0]][0] if name[1] < 0 else 0.0 for name in layer) for layer in layers]
    lefts = [sum(widths[:place]) + spacing.layers * place for place in range(len(widths))]
    corners = {box: (lefts[layer_of[box]], tops[(box, -1)]) for box in boxes}
    passes = {
        (above, below): tuple(
            point
            for layer in range(layer_of[above] + 1, layer_of[below])
            for middle in [tops[(above, layer)] + spacing.line / 2]
            for point in ((lefts[layer], middle), (lefts[layer] + widths[layer], middle))
        )
        for above, below in edges
        if layer_of[above] < layer_of[below]
    }
    height = max((tops[name] + heights[name] for layer in layers for name in layer), default=0.0)
    rights = {box: lefts[layer_of[box]] + widths[layer_of[box]] for box in boxes}
    return Layout(corners, rights, passes, lefts[-1] + widths[-1] if widths else 0.0, height, crossings)


def _layers(boxes: Mapping[str, tuple[float, float]], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    order = {name: place for place, name in enumerate(boxes)}
    forward = [(above, below) for above, below in edges if order[above] < order[below]]
    needs: dict[str, list[str]] = {name: [] for name in boxes}
    users: dict[str, list[str]] = {name: [] for name in boxes}
    for above, below in forward:
        needs[below].append(above)
        users[above].append(below)
    found: dict[str, int] = {}
    for name in boxes:
        found[name] = max((found[above] + 1 for above in needs[name]), default=0)
    for name in boxes:
        if not needs[name] and users[name]:
            found[name] = min(found[below] for below in users[name]) - 1
    return found


def _with_passing_lines(
    boxes: Mapping[str, tuple[float, float]], edges: Sequence[tuple[str, str]], layer_of: Mapping[str, int]
) -> tuple[list[list[Name]], list[tuple[Name, Name]]]:
    layers: list[list[Name]] = [[] for _ in range(max(layer_of.values(), default=-1) + 1)]
    for box in boxes:
        layers[layer_of[box]].append((box, -1))
    links: dict[tuple[Name, Name], None] = {}
    for above, below in edges:
        last: Name = (above, -1)
        for layer in range(layer_of[above] + 1, layer_of[below]):
            passing: Name = (above, layer)
            if passing not in layers[layer]:
                layers[layer].append(passing)
            links[(last, passing)] = None
            last = passing
        if layer_of[above] < layer_of[below]:
            links[(last, (below, -1))] = None
    return layers, list(links)


def _sorted(layers: list[list[Name]], links: Sequence[tuple[Name, Name]]) -> tuple[list[list[Name]], int]:
    before, after = _neighbours(links)
    best, least = [list(layer) for layer in layers], _crossings(layers, after)
    working = [list(layer) for layer in layers]
    for sweep in range(_sweeps):
        if not least:
            break
        forth = sweep % 2 == 0
        for place in range(1, len(working)) if forth else range(len(working) - 2, -1, -1):
            fixed = {name: at for at, name in enumerate(working[place - 1 if forth else place + 1])}
            working[place] = _by_mean(working[place], before if forth else after, fixed)
        if (count := _crossings(working, after)) < least:
            best, least = [list(layer) for layer in working], count
    return best, least


def _neighbours(links: Sequence[tuple[Name, Name]]) -> tuple[dict[Name, list[Name]], dict[Name, list[Name]]]:
    before: dict[Name, list[Name]] = {}
    after: dict[Name, list[Name]] = {}
    for above, below in links:
        before.setdefault(below, []).append(above)
        after.setdefault(above, []).append(below)
    return before, after


def _by_mean(layer: list[Name], beside: Mapping[Name, list[Name]], fixed: Mapping[Name, int]) -> list[Name]:
    """Sorted by the mean place of neighbours; what has none keeps its place."""
    means = {
        name: sum(fixed[one] for one in beside[name]) / len(beside[name]) for name in layer if beside.get(name, [])
    }
    moved = iter(sorted(means, key=means.__getitem__))
    return [next(moved) if name in means else name for name in layer]


def _crossings(layers: Sequence[Sequence[Name]], after: Mapping[Name, list[Name]]) -> int:
    count = 0
    for upper, lower in itertools.pairwise(layers):
        places = {name: place for place, name in enumerate(lower)}
        seen: list[int] = []
        for name in upper:
            ends = sorted(places[one] for one in after.get(name, ()))
            count += sum(len(seen) - bisect.bisect_right(seen, end) for end in ends)
            for end in ends:
                bisect.insort(seen, end)
    return count


def _drawn_together(
    layers: Sequence[Sequence[Name]], links: Sequence[tuple[Name, Name]], heights: Mapping[Name, float], gap: float
) -> dict[Name, float]:
    before, after = _neighbours(links)
    middles: dict[Name, float] = {}
    for layer in layers:
        tops = _spread([0.0] * len(layer), [heights[name] for name in layer], gap)
        middle = (tops[-1] + heights[layer[-1]]) / 2 if layer else 0.0
        middles.update({name: top + heights[name] / 2 - middle for name, top in zip(layer, tops, strict=True)})
    for turn in range(_drawings):
        forth = turn % 2 == 0
        for layer in layers if forth else reversed(layers):
            beside = before if forth else after
            wanted = [
                sum(middles[one] for one in beside[name]) / len(beside[name]) if beside.get(name) else middles[name]
                for name in layer
            ]
            sizes = [heights[name] for name in layer]
            tops = _spread([middle - size / 2 for middle, size in zip(wanted, sizes, strict=True)], sizes, gap)
            middles.update({name: top + heights[name] / 2 for name, top in zip(layer, tops, strict=True)})
    highest = min((middle - heights[name] / 2 for name, middle in middles.items()), default=0.0)
    return {name: middle - heights[name] / 2 - highest for name, middle in middles.items()}


def _spread(wanted: Sequence[float], sizes: Sequence[float], gap: float) -> list[float]:
    """The tops nearest to those wanted in which each begins a gap behind the one before (isotonic regression)."""
    offsets, total = [], 0.0
    for size in sizes:
        offsets.append(total)
        total += size + gap
    blocks: list[tuple[float, int]] = []  # sum and number of what moves as one
    for top, offset in zip(wanted, offsets, strict=True):
        blocks.append((top - offset, 1))
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            later, earlier = blocks.pop(), blocks.pop()
            blocks.append((earlier[0] + later[0], earlier[1] + later[1]))
    means = [amount / count for amount, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]
