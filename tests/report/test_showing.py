"""Every value that is shown as YAML is read back as the very value."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from kling_pipe.plan.resolved import Leaf, Resolved, ResolvedMember
from kling_pipe.report.showing import render_shown
from kling_pipe.story.document import Document
from kling_pipe.values.span import Span

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["no", "True", "9:16", "0x1f", "1e3", ".5", ".inf", "~", "null", "a: b", "a #b", "a:", "- a", "? a", "*a", "&a",
     "!a", "%a", "@a", "a, b", "[a]", "{a}", "<<", "=", "--- a", "... a", " a", "a ", "'a'", "a\tb", "\ufeff", "a\nb"]
)  # fmt: skip


@given(key=texts.filter(lambda key: key[:1] > "\0"), value=texts)
@example(key="<<", value="...")
@example(key="a", value="/")
@example(key="---", value="\x85\u2028")
def test_any_text_is_read_back_as_it_was(key: str, value: str) -> None:
    member = ResolvedMember(
        "a", "text-to-image", Span("a.yaml", 1, 1), {"prompt": Leaf(value), "extra": {key: [Leaf(value)]}}
    )
    shown = render_shown(Resolved("a.yaml", ("a.yaml",), {}, {}, (member,), {key: Leaf(value)}))
    root = Document.parse(shown, "shown.yaml").root
    assert root["steps"]["a"] == {"prompt": value, "extra": {key: [value]}}
    assert root["deliver"] == {key: value}
