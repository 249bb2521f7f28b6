"""A plan's drawing in the languages of Mermaid and of Graphviz; any text may stand in its labels."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kling_pipe.report.diagram import Diagram, Node
from kling_pipe.report.tables import printable

_fills: Mapping[str, tuple[str, str]] = {  # fill and line
    "current": ("#e6f4ea", "#1a7f37"),
    "missing": ("#e7f1fd", "#0969da"),
    "pending": ("#f1f3f5", "#57606a"),
    "running": ("#fff4d6", "#9a6700"),
    "retry": ("#ffe9dc", "#bc4c00"),
    "uncertain": ("#ffe8e8", "#cf222e"),
    "stale": ("#f3ebff", "#8250df"),
}
_strange = re.compile(r"[^A-Za-z0-9 .,:/=_+·×✓…▶↻~?()\[\]-]")


_begins_a_list = re.compile(r"[-+*]|\d+[.)]")


def render_mermaid(diagram: Diagram) -> str:
    """A flowchart that GitHub and others show; what is no plain sign is written as an entity."""
    names = {node.address: f"n{place}" for place, node in enumerate(diagram.nodes)}
    lines = ["---", f"title: {_mermaid_title(diagram.headline)}", "---", "flowchart LR"]
    for place, (step, nodes) in enumerate(diagram.steps.items()):
        is_group = len(nodes) > 1 or bool(nodes[0].label)
        indent = "    " if is_group else "  "
        lines += [f"  subgraph s{place}[{_mermaid(step)}]"] if is_group else []
        lines += [f"{indent}{names[node.address]}[{_mermaid(*_lines(node))}]:::{node.standing}" for node in nodes]
        lines += ["  end"] if is_group else []
    for edge in diagram.edges:
        arrow = "-.->" if not edge.fields else "==>" if edge.on_longest_way else "-->"
        label = f"|{_mermaid(', '.join(edge.fields))}|" if edge.fields else ""
        lines.append(f"  {names[edge.above]} {arrow}{label} {names[edge.below]}")
    for standing in dict.fromkeys(node.standing for node in diagram.nodes):
        fill, line = _fills.get(standing, _fills["pending"])
        lines.append(f"  classDef {standing} fill:{fill},stroke:{line},color:#1b1f24")
    return "\n".join(lines) + "\n"


def render_dot(diagram: Diagram) -> str:
    """A digraph for Graphviz; nodes go by their addresses."""
    lines = [
        f"digraph {_dot(diagram.name)} {{",
        f'  graph [rankdir=LR, labelloc=t, label={_dot(diagram.headline)}, fontname="sans-serif"];',
        '  node [shape=box, style="rounded,filled", fontname="sans-serif", fontsize=11];',
        '  edge [fontname="sans-serif", fontsize=9];',
    ]
    for place, (step, nodes) in enumerate(diagram.steps.items()):
        is_group = len(nodes) > 1 or bool(nodes[0].label)
        indent = "    " if is_group else "  "
        lines += [f"  subgraph cluster_{place} {{", f"    label={_dot(step)};"] if is_group else []
        lines += [f"{indent}{_dot(node.address)} [{_dot_look(node)}];" for node in nodes]
        lines += ["  }"] if is_group else []
    for edge in diagram.edges:
        look = [f"label={_dot(', '.join(edge.fields))}"] if edge.fields else ["style=dashed"]
        look += ["penwidth=2.5"] if edge.on_longest_way else []
        lines.append(f"  {_dot(edge.above)} -> {_dot(edge.below)} [{', '.join(look)}];")
    return "\n".join([*lines, "}"]) + "\n"


def _lines(node: Node) -> tuple[str, ...]:
    return (node.label or node.address, f"{node.kind} · {node.model}", node.state)


def _mermaid(*lines: str) -> str:
    return f'"{"<br/>".join(_entities(line) for line in lines)}"'


def _entities(text: str) -> str:
    """Quotes, angle brackets, backticks and the rest as Mermaid's own entities: `#34;`; so is a first sign that would
    begin a list there."""
    text = printable(text)
    begun = f"#{ord(text[0])};" if _begins_a_list.match(text) else ""
    return begun + _strange.sub(lambda found: f"#{ord(found[0])};", text[bool(begun) :])


def _mermaid_title(text: str) -> str:
    """A YAML text in double quotes."""
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _dot(*lines: str) -> str:
    return '"' + "\\n".join(printable(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines) + '"'


def _dot_look(node: Node) -> str:
    fill, line = _fills.get(node.standing, _fills["pending"])
    width = ", penwidth=2.5" if node.on_longest_way else ""
    tip = f", tooltip={_dot(node.prompt)}" if node.prompt else ""
    return f'label={_dot(*_lines(node))}, fillcolor="{fill}", color="{line}"{width}{tip}'
