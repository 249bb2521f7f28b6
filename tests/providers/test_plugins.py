"""Providers of other packages: found when they are asked for, and told of when they cannot be used."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import invalidate_caches
from pathlib import Path
from textwrap import dedent

import pytest

from kling_pipe.providers.plugins import Plugins

good = """
    import os
    from kling_pipe.providers.entry import Entry, later
    from kling_pipe.values.profile import Profile

    entry = Entry(
        type="{name}",
        adapter=later("kling_pipe.providers.kling.adapter:KlingProvider"),
        folder=os.path.dirname(__file__),
        fake="nowhere:Fake",
        profile=Profile(name="{name}", type="{name}"),
    )
"""


@contextmanager
def installed(folder: Path, **packages: str) -> Iterator[Plugins]:
    """Packages of one module each, whose entry point is named like them; `NAME__OTHER` names the point OTHER."""
    before = set(sys.modules)
    for package, text in packages.items():
        module, _, point = package.partition("__")
        (folder / f"{module}_plugin.py").write_text(dedent(text.replace("{name}", point or module)))
        about = folder / f"{module}-1.2.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.2\n")
        (about / "entry_points.txt").write_text(
            f"[kling_pipe.providers]\n{point or module} = {module}_plugin:entry\n[other]\nx = nowhere:x\n"
        )
    (folder / "models.yaml").write_text("format: 2\n")
    sys.path.insert(0, str(folder))
    invalidate_caches()
    try:
        yield Plugins(("kling",))
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            del sys.modules[name]


def test_only_the_one_that_is_asked_for_is_loaded(tmp_path: Path) -> None:
    with installed(tmp_path, acme="import nothing_of_the_kind", brill="raise SystemExit(3)") as plugins:
        assert plugins.get("unheard-of") is None
        assert plugins.broken == {}
        assert plugins.get("acme") is None
        assert [failure.message for failure in plugins.broken.values()] == [
            (
                "the provider `acme` of the package `acme` 1.2 cannot be used: "
                "ModuleNotFoundError: No module named 'nothing_of_the_kind'"
            )
        ]
        assert list(plugins) == []
        assert [failure.message.partition(": ")[2] for failure in plugins.broken.values()][1:] == ["SystemExit: 3"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("entry = 3", "`acme_plugin:entry` is no Entry"),
        (good.replace('type="{name}", # ', "").replace('name="{name}", type', 'name="else", type'),
         "its entry and its profile have to be named `acme` too"),
        (good.replace("os.path.dirname(__file__)", '"/nowhere"'), "there is no `models.yaml` in `/nowhere`"),
        (good, "its adapter calls itself `kling`"),
        (good.replace("later(", "lambda settings: (").replace('KlingProvider")', 'KlingProvider", 1)'),
         "its adapter lacks "),
        ("raise RuntimeError", "RuntimeError"),
        ("entry = = 3", "SyntaxError: invalid syntax"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_one_is_said(tmp_path: Path, text: str, said: str) -> None:
    with installed(tmp_path, acme=text) as plugins:
        assert plugins.get("acme") is None
        reason = plugins.broken["acme"].message.partition("cannot be used: ")[2]
        assert reason.startswith(said)


def test_a_built_in_type_is_not_replaced(tmp_path: Path) -> None:
    with installed(tmp_path, acme__kling=good) as plugins:
        assert list(plugins) == []
        assert plugins.broken["kling"].message.endswith("cannot be used: this type is built in")


def test_two_packages_cannot_bring_one_type(tmp_path: Path) -> None:
    with installed(tmp_path, acme=good, brill__acme=good) as plugins:
        assert plugins.get("acme") is None
        assert plugins.broken["acme"].message == (
            "the provider `acme` of the package `acme` 1.2 and `brill` 1.2 cannot be used: several packages bring it"
        )


def test_one_that_fails_later_is_taken_out(tmp_path: Path) -> None:
    adapter = "class Acme(KlingProvider):\n    type = 'acme'\n"
    text = (
        dedent(good)
        .replace("later(", "lambda settings: Acme(")
        .replace('"kling_pipe.providers.kling.adapter:KlingProvider")', "settings)")
    )
    text = f"from kling_pipe.providers.kling.adapter import KlingProvider\n{adapter}{text}"
    with installed(tmp_path, acme=text) as plugins:
        assert [entry.type for entry in plugins] == ["acme"]
        failure = plugins.break_off("acme", KeyError("offers"))
        assert failure is not None
        assert failure.message.endswith("cannot be used: KeyError: 'offers'")
        assert plugins.get("acme") is None
        assert plugins.break_off("kling", KeyError("offers")) is None
