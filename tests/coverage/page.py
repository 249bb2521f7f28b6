"""The text of `docs/coverage.md`, written from the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.coverage.reading import Call, Paper, Reach, calls, mechanisms, papers, root

page = root / "docs" / "coverage.md"

head = """# Coverage

What a storyboard reaches of Kling's developer API, call by call and field by field, and where the options that five \
public documents about Kling name are found here.
Their example requests stand as steps in `tests/examples/`, on the road that speaks to the service of each.
The page is written by `python -m tests.coverage` from the data in `tests/coverage/`, and tests hold the data to the \
truth: every key stands in the schema of its kind, the adapter writes exactly the fields that are said to be reached \
and a key that is taken away changes them, and the simulator reads exactly the fields that are listed.

`image-to-video.image_tail` is the key `image_tail` of a step of kind `image-to-video`.
A field or option without a key is reached by the way that is named, or is left out for the reason that is given.
Whatever has no key can be sent as it stands with `extra`.
"""

api_head = """## Kling's API

{calls} calls with {fields} fields: {create} make something for a step, {errand} are sent before such a call, {query} \
ask, {replaced} are replaced by another call, {left} are left out.
What each field means, and where its name and type come from, is said in `docs/sources.md`.
"""

query_head = """### Questions

Free of charge; sent while tasks run, and by the commands named.

"""

left_head = """### Calls left out

| call | fields | reason |
|---|---|---|
"""

papers_head = """## Five documents

Options are those of the document, in its own spelling; those of a model are listed once for all models alike.
A model id stands for a model of Kling's own and the keys beside it.
"""

_uses = {
    "create": "For {kinds}.",
    "errand": "Sent before the call that makes {kinds}.",
    "replaced": "Not called: {reason}; `{instead}` is called in its place.",
}
_fields_head = "| field | type | reached by |\n|---|---|---|\n"


def text() -> str:
    """The whole page."""
    made = [call for call in calls().values() if call.use in ("create", "errand", "replaced")]
    parts = [head, api_head.format(**_counts()), *(_call(call) for call in made), _queries(), _left_out(), papers_head]
    return "\n".join([*parts, *(_paper(paper) for paper in papers())])


def reached(reach: Reach) -> str:
    """What reaches a field, in a cell's words."""
    if reach.reason:
        return f"— {reach.reason}"
    found = mechanisms()[reach.by].says if reach.by else ", ".join(f"`{key}`" for key in reach.keys)
    return f"{found} ({reach.note})" if reach.note else found


def _counts() -> Mapping[str, int]:
    uses = [call.use for call in calls().values()]
    return {
        "calls": len(uses),
        "fields": sum(len(call.fields) for call in calls().values()),
        **{use: uses.count(use) for use in ("create", "errand", "query", "replaced")},
        "left": uses.count("left-out"),
    }


def _call(call: Call) -> str:
    told = _uses[call.use].format(kinds=_ticked(call.kinds), reason=call.reason, instead=_where(call.instead))
    rows = [f"| `{field.name}` | {field.type} | {reached(field.reach)} |\n" for field in call.fields]
    return f"### `{call.method} {call.path}`\n\n{told}\n\n{_fields_head}{''.join(rows)}"


def _where(call: str) -> str:
    return f"{calls()[call].method} {calls()[call].path}" if call else ""


def _queries() -> str:
    rows = [
        f"| `{call.method} {call.path}` | `{field.name}` | {field.type} | {reached(field.reach)} |\n"
        for call in calls().values()
        if call.use == "query"
        for field in call.fields
    ]
    return f"{query_head}| call | field | type | reached by |\n|---|---|---|---|\n{''.join(rows)}"


def _left_out() -> str:
    return left_head + "".join(
        f"| `{call.method} {call.path}` | {_ticked(field.name for field in call.fields)} | {call.reason} |\n"
        for call in calls().values()
        if call.use == "left-out"
    )


def _paper(paper: Paper) -> str:
    models = [
        f"| `{model.id}` | {_ticked(model.kinds)} | {_model(model.model, model.sets, model.note)} |\n"
        for model in paper.models
    ]
    return (
        f"### {paper.title}\n\n| model | kinds | stands for |\n|---|---|---|\n{''.join(models)}\n"
        f"| option | of | reached by |\n|---|---|---|\n{''.join(_rows(paper))}"
    )


def _model(name: str, sets: Mapping[str, object], note: str) -> str:
    keys = [f"`{key}: {str(value).lower() if isinstance(value, bool) else value}`" for key, value in sets.items()]
    return ", ".join([f"`{name}`", *keys]) + (f" ({note})" if note else "")


def _rows(paper: Paper) -> Iterable[str]:
    """One row for an option that is reached alike in several models."""
    groups: dict[tuple[str, Reach], list[str]] = {}
    for option in paper.options:
        groups.setdefault((option.name, option.reach), []).append(option.of)
    for (name, reach), owners in groups.items():
        yield f"| `{name}` | {_ticked(owners)} | {reached(reach)} |\n"


def _ticked(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
