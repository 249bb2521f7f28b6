"""Every code that the package can say, read out of its source: no call is run, so none can be forgotten.

A function, method or class with a parameter or field `code` says what is handed to it there. What is no literal is
followed no further, so each such value must be a code that was said somewhere before: an attribute `code`, a name that
is itself handed over, or one of the places listed below.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path

import kling_pipe
from kling_pipe.events import JobFailed, Undelivered
from kling_pipe.run.retry import Consequence, on_create
from kling_pipe.values.answer import AnswerClass

package = Path(kling_pipe.__file__).parent
form = re.compile(r"[a-z]+(-[a-z0-9]+)*")
# Tables and tuples whose first word is a code, read as a whole.
told_in_tables = ("story/document.py", "story/syntax.py", "story/spelling.py", "commands/translation.py")
not_sayers = ("JobRow", "_count", "write", "_write")  # a row of the ledger, and namesakes
not_said = ("simulator/", "fake")  # the service as the simulator plays it has codes of its own


def raised_codes() -> frozenset[str]:
    """All codes that are said by a literal, by a rule of the catalogue, or by the class of an answer."""
    return frozenset({*_literals(), *_tables(), *_rules(), *_classes(), *_ends()})


@cache
def composed_codes() -> tuple[re.Pattern[str], ...]:
    """Codes that are put together when they are said, as patterns: `.+-missing`."""
    found = (
        re.compile(
            "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in it.values)
        )
        for _, it in _handed()
        if isinstance(it, ast.JoinedStr)
    )
    return tuple(dict.fromkeys(found))


def unfollowed() -> list[str]:
    """What is handed over as a code and is neither a literal nor passed on from somewhere else."""
    return sorted(
        {
            f"{path.relative_to(package)}: {ast.unparse(value)}"
            for path, value in _handed()
            if not isinstance(value, ast.Constant | ast.JoinedStr) and not _is_passed_on(value)
        }
    )


def _is_passed_on(value: ast.expr) -> bool:
    words = ast.unparse(value)
    return bool(re.search(r"\bcode\b|^c$", words)) or words.startswith("*") or "Problem(" in words


@cache
def _texts() -> Mapping[Path, str]:
    return {
        path: path.read_text("utf-8")
        for path in sorted(package.rglob("*.py"))
        if not any(part in str(path.relative_to(package)) for part in not_said)
    }


@cache
def _nodes_in(path: Path) -> tuple[ast.Call | ast.ClassDef | ast.FunctionDef | ast.Assign, ...]:
    """The nodes that matter of a file."""
    kinds = ast.Call | ast.ClassDef | ast.FunctionDef | ast.Assign
    return tuple(node for node in ast.walk(ast.parse(_texts()[path])) if isinstance(node, kinds))


@cache
def _sayers() -> dict[str, int]:
    """Names of what takes a code, with its place among the positional arguments."""
    speaking = [
        node for path, text in _texts().items() if "code" in text or "Failure)" in text for node in _nodes_in(path)
    ]
    found = {name: place for node in speaking for name, place in _sayers_in(node)}
    for event in (JobFailed, Undelivered):  # their first fields stand in the class above
        found[event.__name__] = [one.name for one in fields(event)].index("code")
    for node in (*speaking, *speaking):  # failures have their constructor from the class above, at home or further down
        if isinstance(node, ast.ClassDef) and node.name not in found and node.name != "TextFailure":
            above = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in found]
            found.update({node.name: found[above[0]]} if above else {})
    return found


def _sayers_in(node: ast.AST) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.FunctionDef):
        names = [argument.arg for argument in node.args.args if argument.arg not in ("self", "cls")]
        if "code" in names and node.name != "__init__" and not _is_exit_code(node):
            yield node.name, names.index("code")
    elif isinstance(node, ast.ClassDef):
        made = next((one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)
        names = (
            [argument.arg for argument in made.args.args[1:]]
            if made
            else [str(getattr(one.target, "id", "")) for one in node.body if isinstance(one, ast.AnnAssign)]
        )
        if "code" in names:
            yield node.name, names.index("code")


def _is_exit_code(node: ast.FunctionDef) -> bool:
    return any(
        one.arg == "code" and one.annotation is not None and "int" in ast.unparse(one.annotation)
        for one in node.args.args
    )


@cache
def _handed() -> tuple[tuple[Path, ast.expr], ...]:
    """Everything that is handed over as a code, and everything that is kept under that name."""
    said = re.compile(rf"\b(?:{'|'.join(_sayers())})\(|\bcode\b")
    speaking = [path for path, text in _texts().items() if said.search(text)]
    return tuple((path, one) for path in speaking for node in _nodes_in(path) for one in _codes_in(node))


def _codes_in(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return _branches(node.value) if [getattr(one, "id", "") for one in node.targets] == ["code"] else []
    if not isinstance(node, ast.Call):
        return []
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    place = _sayers().get(name)
    value = next((one.value for one in node.keywords if one.arg == "code"), None)
    if value is None and place is not None and len(node.args) > place:
        value = node.args[place]
    return _branches(value) if value is not None and name not in not_sayers else []


def _branches(value: ast.expr) -> list[ast.expr]:
    if isinstance(value, ast.IfExp):
        return [*_branches(value.body), *_branches(value.orelse)]
    return [one for part in value.values for one in _branches(part)] if isinstance(value, ast.BoolOp) else [value]


def _literals() -> set[str]:
    said = {str(value.value) for _, value in _handed() if isinstance(value, ast.Constant)}
    return {code for code in said if form.fullmatch(code)}


def _tables() -> set[str]:
    return {
        str(node.elts[0].value)
        for name in told_in_tables
        for node in ast.walk(ast.parse((package / name).read_text("utf-8")))
        if isinstance(node, ast.Tuple)
        and len(node.elts) in (2, 3, 4)
        and isinstance(node.elts[0], ast.Constant)
        and form.fullmatch(str(node.elts[0].value))
        and "-" in f"{node.elts[0].value}{'' if name.endswith('document.py') else '-'}"
    }


def _rules() -> set[str]:
    texts = (path.read_text("utf-8") for path in (package / "providers").rglob("*.yaml"))
    return {code for text in texts for code in re.findall(r"(?m)^ +- code: ([a-z-]+)", text)}


def _classes() -> set[str]:
    """A job that an answer ends is failed by the name of the answer's class."""
    goes_on = {Consequence.COOL, Consequence.SHRINK, Consequence.ASK, Consequence.AGAIN}
    return {str(answer) for answer in AnswerClass if on_create.get(answer, Consequence.COOL) not in goes_on}


def _ends() -> set[str]:
    """How a job ends that is neither made nor failed."""
    return {"uncertain", "still-running"}
