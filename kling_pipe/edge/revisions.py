"""The door to git: which commit a revision means, and files as they were in it. Nothing in a repository is changed.

A revision is a word of the user's, so it is checked before git sees it, and git is told where options end. Files are
checked out by an index of their own into another folder: as git itself would write them, with no export rules.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kling_pipe.errors import StateFailure, UsageFailure
from kling_pipe.values.revision import Revision

_revision = re.compile(r"(?!.*\.\.)[A-Za-z0-9_@][^\s\x00-\x1f\x7f:?*\[\\]*\Z")
_most_shown = 200  # characters of what git said
# Set where git itself runs a program, as in a hook; another folder is meant here.
_local_variables = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR",
    "GIT_NAMESPACE", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository; `root` is the top of its working tree."""

    root: str

    @staticmethod
    def around(folder: str) -> Repository:
        """The repository a folder lies in; raises UsageFailure where there is none, StateFailure without git."""
        code, out, said = _git(folder, "rev-parse", "--show-toplevel")
        if code == 0 and out:
            return Repository(os.path.realpath(os.fsdecode(out.rstrip(b"\n"))))
        if b"not a git repository" in said or b"must be run in a work tree" in said:
            message = f"`{folder}` is in no git repository, so nothing can be compared with"
            raise UsageFailure("no-repository", message, hint="begin one: `git init`, `git add`, `git commit`")
        raise _refused(said)

    def inside(self, path: str) -> str:
        """A path as git writes it, from the root; raises UsageFailure when it lies elsewhere. A link is itself."""
        folder, name = os.path.split(os.path.abspath(path))
        relative = os.path.relpath(os.path.join(os.path.realpath(folder), name), self.root)
        if relative.startswith(".."):
            raise UsageFailure("no-repository", f"`{path}` is a link that leads out of the repository `{self.root}`")
        return relative.replace(os.sep, "/")

    def revision(self, words: str) -> Revision:
        """The commit that a word means; raises UsageFailure when there is none."""
        if not _revision.match(words):
            raise _unknown(words)
        form = "--format=%H %cs"
        code, out, said = _git(self.root, "log", "-1", "--no-show-signature", form, "--end-of-options", words, "--")
        commit, _, day = out.decode("ascii", "replace").strip().partition(" ")
        if code or not commit:
            raise _unknown(words) if b"bad revision" in said or b"unknown" in said or not said else _refused(said)
        return Revision(words, commit, day)

    def common_ancestor(self, one: Revision, other: Revision) -> Revision:
        """Where two lines of commits parted; raises UsageFailure where they never met."""
        code, out, _ = _git(self.root, "merge-base", one.commit, other.commit)
        if code:
            message = f"`{one.words}` and `{other.words}` have no commit in common"
            raise UsageFailure(
                "unknown-revision", message, hint=f"compare them as they are: `{one.words}..{other.words}`"
            )
        found = self.revision(out.decode("ascii", "replace").strip())
        return Revision(f"{one.words}...{other.words}", found.commit, found.day)

    def names(self, revision: Revision, folder: str = "") -> list[str]:
        """Every file of a revision below a folder, from the root."""
        place = ["--", folder] if folder not in ("", ".") else []
        code, out, said = _git(
            self.root,
            "--literal-pathspecs",
            "ls-tree",
            "-r",
            "-z",
            "--name-only",
            "--full-tree",
            revision.commit,
            *place,
        )
        if code:
            raise _refused(said)
        return [os.fsdecode(name) for name in out.split(b"\0") if name]

    def check_out(self, revision: Revision, names: Collection[str], to: str) -> None:
        """Writes files of a revision into another folder, under their names from the root."""
        if not names:
            return
        index = {"GIT_INDEX_FILE": os.path.join(to, ".index")}
        try:
            code, _, said = _git(self.root, "read-tree", revision.commit, variables=index)
            if code == 0:
                given = b"\0".join(os.fsencode(name) for name in sorted(names)) + b"\0"
                words = ("checkout-index", "--force", "--quiet", f"--prefix={to}/", "-z", "--stdin")
                code, _, said = _git(self.root, *words, variables=index, given=given)
            if code:
                raise _refused(said)
        finally:
            if os.path.exists(index["GIT_INDEX_FILE"]):
                os.unlink(index["GIT_INDEX_FILE"])


def _git(
    folder: str, *words: str, variables: dict[str, str] | None = None, given: bytes = b""
) -> tuple[int, bytes, bytes]:
    """How git ended, and what it said to stdout and stderr; it asks nobody anything."""
    own = {name: value for name, value in os.environ.items() if name not in _local_variables}
    quiet = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat"}
    command: Sequence[str] = ("git", "-C", folder, *words)
    try:
        ended = subprocess.run(
            command, input=given, capture_output=True, check=False, env={**own, **quiet, **(variables or {})}
        )
    except FileNotFoundError:
        hint = "install it, or compare two plans by hand: `kling-pipe plan`"
        raise StateFailure(
            "git-missing", "`git` is not on this machine, and earlier revisions are read by it", hint=hint
        ) from None
    return ended.returncode, ended.stdout, ended.stderr


def _unknown(words: str) -> UsageFailure:
    shown = words if words.isprintable() else ascii(words)
    message = f"`{shown}` is no revision of this repository"
    return UsageFailure(
        "unknown-revision", message, hint="name a commit, a branch or a tag: `git log --oneline` lists them"
    )


def _refused(said: bytes) -> StateFailure:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    words = lines[0].removeprefix("fatal: ")[:_most_shown] if lines else "it did not say why"
    return StateFailure("git-refused", f"git refused: {words}", hint="run `git status` there: it says more")
