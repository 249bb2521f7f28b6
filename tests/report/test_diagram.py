"""A plan as Mermaid, DOT and SVG: whatever stands in names and texts, the drawing stays one."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from kling_pipe.plan.plan import Standing
from kling_pipe.report.diagram import Diagram, Edge, Node, diagram_of, signs, words
from kling_pipe.report.diagram_svg import render_svg
from kling_pipe.report.diagram_text import render_dot, render_mermaid
from tests.report.test_plans import plan

nasty = (
    'quote " and \\" and \\', "</text><script>alert(1)</script>", "a]:::b --> c", "```", "{{x}} | y; z # %% end",
    "line\nbreak\ttab", "\x00\x1b[31m", "é 画 🎬", "&amp; &#34; #quot;", "${{ vars.x }}", "1. list", "- list", "+ list",
    "end",
)  # fmt: skip
_xml = "{http://www.w3.org/2000/svg}"


def node(address: str, standing: str = "missing", **changes: object) -> Node:
    step, _, pins = address.partition("[")
    label = " · ".join(pin.partition("=")[2] for pin in pins.rstrip("]").split(",") if pin)
    made = Node(address, step, label, "text-to-image", "kling-v3", "image", standing, "1 USD", "", "", (), False)
    return replace(made, **changes)  # type: ignore[arg-type]


def film(shots: int = 12) -> Diagram:
    """A picture, its variants, and clips of each shot in three locales and two ratios."""
    stills = [node(f"still[shot=s{shot}]", "current") for shot in range(shots)]
    clips = [
        node(f"clip[shot=s{shot},locale={locale},ratio={ratio}]", "pending")
        for shot in range(shots)
        for locale in ("en", "de", "no")
        for ratio in ("16:9", "9:16")
    ]
    edges = [Edge("hero", still.address, ("image",), on_longest_way=False) for still in stills]
    edges += [
        Edge(f"still[{clip.address[5:].split(',')[0]}]", clip.address, ("image",), on_longest_way=False)
        for clip in clips
    ]
    return Diagram("film", "film", (node("hero"), *stills, *clips), tuple(edges), ())


def nasty_diagram() -> Diagram:
    nodes = tuple(
        node(f"n{place}", prompt=text, reason=text, model=text, cost=text, deliveries=(text,), label=text, step=text)
        for place, text in enumerate(nasty)
    )
    edges = tuple(
        Edge(one.address, other.address, (text,), on_longest_way=False)
        for one, other, text in zip(nodes, nodes[1:], nasty, strict=False)
    )
    return Diagram(nasty[0], nasty[1], nodes, edges, ())


def test_a_plan_is_drawn_with_states_costs_wires_and_the_longest_way() -> None:
    assert render_mermaid(diagram_of(plan())).splitlines() == [
        "---",
        'title: "demo (real money): 3 steps, 2 to make, 1 current; 0.266 USD (16 image units + 1.5 video units)"',
        "---",
        "flowchart LR",
        '  n0["hero<br/>text-to-image · kling-v3<br/>#43; to make · 0.056 USD"]:::missing',
        '  n1["clip<br/>image-to-video · kling-v3<br/>… waits · 0.21 USD"]:::pending',
        '  n2["old<br/>text-to-image · kling-v3<br/>✓ current"]:::current',
        "  n0 -.-> n1",
        "  classDef missing fill:#e7f1fd,stroke:#0969da,color:#1b1f24",
        "  classDef pending fill:#f1f3f5,stroke:#57606a,color:#1b1f24",
        "  classDef current fill:#e6f4ea,stroke:#1a7f37,color:#1b1f24",
    ]


def test_every_standing_has_a_sign_and_a_word() -> None:
    assert {str(standing) for standing in Standing} <= set(signs) == set(words)
    assert len(set(signs.values())) == len(signs)


@pytest.mark.parametrize("diagram", [nasty_diagram(), film(), diagram_of(plan())], ids=["nasty", "film", "demo"])
def test_mermaid_is_read_back_as_it_was_drawn(diagram: Diagram) -> None:
    nodes, edges = read_mermaid(render_mermaid(diagram))
    assert nodes == len(diagram.nodes)
    assert edges == [
        (at(diagram, edge.above), at(diagram, edge.below), ", ".join(edge.fields)) for edge in cleaned(diagram)
    ]


@pytest.mark.parametrize("diagram", [nasty_diagram(), film(), diagram_of(plan())], ids=["nasty", "film", "demo"])
def test_dot_is_read_back_as_it_was_drawn(diagram: Diagram) -> None:
    nodes, edges = read_dot(render_dot(diagram))
    assert nodes == [one.address for one in sorted(diagram.nodes, key=lambda one: list(diagram.steps).index(one.step))]
    assert edges == [(edge.above, edge.below) for edge in diagram.edges]


@pytest.mark.parametrize("diagram", [nasty_diagram(), film(), diagram_of(plan())], ids=["nasty", "film", "demo"])
def test_svg_is_xml_that_holds_every_member_and_nothing_that_runs_or_loads(diagram: Diagram) -> None:
    text = render_svg(diagram, {diagram.nodes[0].address: b"\xff\xd8jpeg"})
    root = ElementTree.fromstring(text)
    told = [title.text or "" for title in root.iter(f"{_xml}title")]
    assert [one.address for one in diagram.nodes if not any(t.startswith(f"{one.address}: ") for t in told)] == []
    assert {element.tag.removeprefix(_xml) for element in root.iter()} <= {
        "svg", "title", "style", "rect", "text", "g", "path", "image",
    }  # fmt: skip
    assert re.findall(r'(?:href|src)="(?!data:image/jpeg;base64,)', text) == []
    assert re.findall(r"url\(|@import|<script|\son\w+=", text) == []


def test_many_members_stand_in_a_grid_whose_rows_mean_something() -> None:
    root = ElementTree.fromstring(render_svg(film(), {}))
    rows: dict[str, list[str]] = {}
    for box in root.iter(f"{_xml}g"):
        title = box.find(f"{_xml}title")
        if title is not None and str(title.text).startswith("clip["):
            rows.setdefault(box.attrib["transform"].split(" ")[1], []).append(
                re.findall(r"shot=(\w+)", str(title.text))[0]
            )
    assert sorted(set(map(tuple, rows.values()))) == sorted((f"s{shot}",) * 6 for shot in range(12))
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    assert width < 1900
    assert height < 1100


def test_a_column_holds_one_value_of_the_first_axis_where_it_can() -> None:
    members = tuple(node(f"clip[ratio={ratio},shot=s{shot}]") for ratio in ("16:9", "9:16") for shot in range(12))
    root = ElementTree.fromstring(render_svg(Diagram("film", "film", members, (), ()), {}))
    columns: dict[str, set[str]] = {}
    for box in root.iter(f"{_xml}g"):
        title = box.find(f"{_xml}title")
        if title is not None:
            left = box.attrib["transform"].partition("(")[2].split(" ")[0]
            columns.setdefault(left, set()).update(re.findall(r"ratio=([\d:]+)", str(title.text)))
    assert list(columns.values()) == [{"16:9"}, {"9:16"}]


def test_a_drawing_without_members_is_one() -> None:
    empty = Diagram("none", "none", (), (), ())
    assert ElementTree.fromstring(render_svg(empty, {})).tag == f"{_xml}svg"
    assert (read_mermaid(render_mermaid(empty)), read_dot(render_dot(empty))) == ((0, []), ([], []))


def at(diagram: Diagram, address: str) -> int:
    return [one.address for one in diagram.nodes].index(address)


def cleaned(diagram: Diagram) -> list[Edge]:
    """Edges as a drawing may show their words: control characters as escapes."""
    shown = {"\n": " ", "\t": " ", "\x00": "\\x00", "\x1b": "\\x1b"}
    table = str.maketrans(shown)
    return [replace(edge, fields=tuple(field.translate(table) for field in edge.fields)) for edge in diagram.edges]


_label = r'"((?:[A-Za-z0-9 .,:/=_+·×✓…▶↻~?()\[\]-]|#\d+;|<br/>)*)"'
_mermaid = (
    (re.compile(rf"  (?:  )?n(\d+)\[{_label}\]:::[a-z]+"), "node"),
    (re.compile(rf"  subgraph s\d+\[{_label}\]"), "open"),
    (re.compile(r"  end"), "close"),
    (re.compile(rf"  n(\d+) (?:-->|==>)\|{_label}\| n(\d+)"), "wire"),
    (re.compile(r"  n(\d+) -\.-> n(\d+)"), "order"),
    (re.compile(r"  classDef [a-z]+ fill:#\w{6},stroke:#\w{6},color:#\w{6}"), "class"),
)


def read_mermaid(text: str) -> tuple[int, list[tuple[int, int, str]]]:
    """The number of nodes, and the edges; fails on a line that is none of the forms we write."""
    head = re.match(r'---\ntitle: "(?:[^"\\\n]|\\.)*"\n---\nflowchart LR\n', text)
    assert head is not None
    nodes, edges, depth = 0, [], 0
    for line in text[head.end() :].splitlines():
        match, form = next((found, form) for pattern, form in _mermaid if (found := pattern.fullmatch(line)))
        depth += (form == "open") - (form == "close")
        assert depth in (0, 1)
        if form == "node":
            assert int(match[1]) >= 0
            nodes += 1
        elif form == "wire":
            words_ = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), match[2])
            edges.append((int(match[1]), int(match[3]), words_))
        elif form == "order":
            edges.append((int(match[1]), int(match[2]), ""))
    assert depth == 0
    return nodes, edges


_token = re.compile(r'\s*("(?:[^"\\]|\\.)*"|->|[A-Za-z_]\w*|[0-9.]+|[{}\[\];,=])')


def read_dot(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Nodes and edges by a reader of Graphviz's grammar, as far as we write it."""
    tokens, place = [], 0
    while text[place:].strip():
        found = _token.match(text, place)
        assert found is not None, text[place : place + 40]
        tokens.append(found[1])
        place = found.end()
    nodes: list[str] = []
    edges: list[tuple[str, str]] = []
    assert (tokens[0], tokens[2], tokens[-1]) == ("digraph", "{", "}")
    rest, depth = tokens[3:-1], 0
    while rest:
        if rest[0] == "subgraph":
            assert rest[2] == "{"
            rest, depth = rest[3:], depth + 1
        elif rest[0] == "}":
            rest, depth = rest[1:], depth - 1
        else:
            end = rest.index(";")
            statement, rest = rest[:end], rest[end + 1 :]
            if statement[1:2] == ["->"]:
                edges.append((plain(statement[0]), plain(statement[2])))
            elif statement[0].startswith('"'):
                nodes.append(plain(statement[0]))
    assert depth == 0
    return nodes, edges


def plain(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1:-1])
