"""What is read line by line is what YAML says, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.edge.lockfile import lock_text
from kling_pipe.errors import TextFailure
from kling_pipe.story.document import Document
from kling_pipe.story.plain_lines import plain_tree
from kling_pipe.values.lock import Lock
from tests.chances import examples
from tests.edge.test_lockfile import locks


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\nb:\n  c: 5.25\n  d: x y\n",
        "a:\n  - b: 1\n    c: 2\n  - b: 3\nd: 2026-11-28T02:22:34Z\n",
        'a: "x: y"\n"b[c=9:16]":\n  1:\n    e: {}\n',
        "# a comment\na: true\n\nb: 010\n",
    ],
)
def test_a_plain_text_is_what_yaml_says(text: str) -> None:
    assert plain_tree(text) == Document.parse(text, "a.yaml").root


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n", "a:\nb: 1\n", "a:\n", "a: [1]\n", "a: &x 1\n", "a: 'x'\n", "a: x # y\n", "a: |\n  x\n", "- a\n",
        "a:\n  b: 1\n c: 2\n", " a: 1\n", "a: 1\n  b: 2\n", "a: b: c\n", "a:1\n", 'a: "x\\n"\n', "<<: *x\n", "a: x \n",
        "a: {b: 1}\n", "a:\n- b: 1\n", "<<<<<<< ours\na: 1\n", "a: 1\r\n", "a:\tb\n", "--- \na: 1\n", "a: !x y\n",
        "a:\n  - b: 1\n  c: 2\n", "? a\n", "a: y:\n", "a: x  y\n",
    ],
)  # fmt: skip
def test_anything_else_is_left_to_the_parser(text: str) -> None:
    assert plain_tree(text) is None


@pytest.mark.slow
@examples(20)
@given(locks)
def test_lock_files_are_read_alike(lock: Lock) -> None:
    text = lock_text(lock)
    found = plain_tree(text)
    assert found is None or found == Document.parse(text, "a.yaml").root


@pytest.mark.slow
@examples(50)
@given(
    st.lists(
        st.sampled_from(["a", "b", ":", " ", "  ", "\n", "- ", '"', "1", "{}", "#", "x y", "-", "é", ".5"]), max_size=14
    )
)
def test_nothing_is_read_otherwise_than_yaml_says(parts: list[str]) -> None:
    text = "".join(parts)
    found = plain_tree(text)
    if found:
        try:
            document = Document.parse(text, "a.yaml")
        except TextFailure:
            pytest.fail(f"the parser refuses what was read as {found}")
        assert (found, document.problems) == (document.root, ())
