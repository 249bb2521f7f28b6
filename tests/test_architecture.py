"""The house's import table, as `docs/architecture.md` draws it; a new arrow is a change of these tables."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from kling_pipe.providers.table import table

root = Path(__file__).resolve().parent.parent
package = root / "kling_pipe"

ground = {"values", "errors", "events"}
may_import: dict[str, set[str]] = {
    "values": set(),
    "errors": {"values"},
    "events": {"values"},
    "story": {"values", "errors"},
    "plan": {"values", "errors", "story"},
    "providers": {"values", "errors"},
    "simulator": {"values"},
    "run": {*ground, "plan", "providers.provider"},
    "edge": set(ground),
    "report": {*ground, "plan", "run.states"},
    "api": {*ground, "story", "plan", "providers", "run", "edge"},
    "commands": {*ground, "api", "report"},
    "cli": {*ground, "commands", "report", "api"},
}
may_import_besides: dict[str, set[str]] = {  # single modules with an arrow of their own
    "providers.kling.fake": {"simulator"},
    "providers.runware.fake": {"simulator"},
    "providers.gateway.fake": {"simulator"},
    "providers.picsart.fake": {"simulator"},
    "commands.run": {"simulator", "providers.table"},
    "commands.simulator": {"simulator", "providers.table"},
    "commands.simulation": {"simulator", "providers.table"},
}
doors: dict[str, tuple[str, ...]] = {  # a third-party package, and where it may be imported
    "yaml": ("story.document",),
    "jsonschema": ("story.schema",),
    "fastjsonschema": ("story.schema",),
    "networkx": ("plan.graph",),
    "jwt": ("providers.kling",),
    "httpx": ("edge.transport", "simulator.server_post", "simulator.server_fetch"),
    "obstore": ("edge.bucket",),
    "PIL": ("edge.media", "simulator.media"),
    "av": ("edge.media", "simulator.media"),
    "click": ("cli", "commands"),
    "rich": ("report.console",),
    "starlette": ("simulator.server", "edge.callbacks"),
    "uvicorn": ("simulator.server", "edge.callbacks"),
}
may_import_late = ("cli", "commands")  # own modules inside functions, so that starting up stays cheap


@cache
def modules() -> tuple[str, ...]:
    """Every module of the package; a rule is held by all of them in one test, which names those that break it."""
    return tuple(sorted(named(path) for path in package.rglob("*.py")))


def named(path: Path) -> str:
    """`run.states` for `kling_pipe/run/states.py`; `run` for its `__init__`; empty for the package itself."""
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(module: str) -> ast.Module:
    path = package.joinpath(*module.split(".")) if module else package
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def imports(module: str) -> frozenset[str]:
    """Every module a module imports, late and for types too; our own without `kling_pipe.`, as `=run.states`."""
    return frozenset(target for node in ast.walk(tree(module)) for target in targets(node))


def targets(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (ours(name.name) for name in names)
        case ast.ImportFrom(module=str(origin), level=0, names=names):
            deeper = [f"{origin}.{name.name}" for name in names]
            yield from (ours(name) if ours(name)[1:] in modules_set() else ours(origin) for name in deeper)
        case ast.ImportFrom(level=level) if level:
            yield "=relative"
        case _:
            return


@cache
def modules_set() -> frozenset[str]:
    return frozenset(modules())


def ours(name: str) -> str:
    head, _, rest = name.partition(".")
    return f"={rest}" if head == "kling_pipe" else name


def lies_in(module: str, rooms: set[str] | tuple[str, ...]) -> bool:
    """Whether a module is one of these, lies below one, or is a sibling split off it (`media_text` of `media`)."""
    return any(module == room or module.startswith((f"{room}.", f"{room}_")) for room in rooms)


def allowed(module: str) -> set[str]:
    room = module.split(".")[0]
    besides = [rooms for name, rooms in may_import_besides.items() if lies_in(module, {name})]
    return {room, "", *may_import[room]}.union(*besides)


def test_a_module_imports_only_what_its_room_may() -> None:
    strangers = {module: strange for module in modules() if module and (strange := strangers_in(module))}
    assert strangers == {}


def strangers_in(module: str) -> set[str]:
    rooms = allowed(module)
    return {name[1:] for name in imports(module) if name[0] == "=" and not lies_in(name[1:], rooms)}


def test_a_third_party_package_has_one_door() -> None:
    wrong = {module: elsewhere for module in modules() if (elsewhere := at_no_door(module))}
    assert wrong == {}


def at_no_door(module: str) -> set[str]:
    outside = {name.split(".")[0] for name in imports(module) if name[0] != "="} - set(sys.stdlib_module_names)
    return {name for name in outside if not lies_in(module, doors.get(name, ()))}


def test_other_programs_are_begun_in_few_places() -> None:
    assert {module for module in modules() if "subprocess" in imports(module)} == {"edge.revisions", "edge.executions"}


def test_no_import_runs_in_a_circle() -> None:
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " → ".join((*way[way.index(module) :], module))
        if module in done:
            return
        for name in sorted(imports(module)):
            if name[0] == "=" and name[1:] in modules_set():
                visit(name[1:], (*way, module))
        done.add(module)

    for module in modules():
        visit(module, ())


def test_own_modules_are_imported_at_the_top() -> None:
    prompt = [module for module in modules() if module and not lies_in(module, may_import_late)]
    assert {module: late for module in prompt if (late := imported_late(module))} == {}


def imported_late(module: str) -> set[str]:
    functions = [node for node in ast.walk(tree(module)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {name for one in functions for node in ast.walk(one) for name in targets(node) if name[0] == "="}


def test_a_fake_and_its_adapter_never_meet() -> None:
    fakes = [module for module in modules() if module.startswith("providers.") and ".fake" in module]
    for fake in fakes:
        folder = fake.rpartition(".")[0]
        siblings = {name[1:] for name in imports(fake) if name.startswith(f"={folder}.")}
        assert {name for name in siblings if ".fake" not in name} == set()
    for module in set(modules()) - set(fakes) - {"providers.table"}:
        assert not [name for name in imports(module) if name[1:] in fakes]


def test_the_quick_answer_needs_the_standard_library_only() -> None:
    assert {name for name in imports("api.current") if name[0] == "="} <= {"="}


def test_the_console_entry_imports_only_sys_at_the_top() -> None:
    plain = [node for node in tree("cli").body if isinstance(node, ast.Import)]
    assert [name.name for node in plain for name in node.names] == ["sys"]


def test_a_file_opens_with_a_sentence() -> None:
    opened = {module: ast.get_docstring(tree(module)) or "" for module in modules()}
    assert [module for module, said in opened.items() if "." not in said and not said.endswith(":")] == []


def test_a_file_is_named_after_a_thing() -> None:
    words = {"utils", "helpers", "common", "misc", "base", "manager", "service_manager"}
    assert [module for module in modules() if module.rpartition(".")[2] in words] == []


def test_no_test_sleeps_or_mocks() -> None:
    found = {path: wrong for path in sorted((root / "tests").rglob("test_*.py")) if (wrong := sleeps_or_mocks(path))}
    assert found == {}


def sleeps_or_mocks(path: Path) -> set[str]:
    nodes = [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    called = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)} & {"time.sleep"}
    found = {name.removeprefix("=") for node in nodes for name in targets(node)}
    return called | {name for name in found if name.startswith("unittest.mock")}


# Model names such as `kling-v3` and the product's own name are no provider's name, and `kling_pipe` no word of its own.
foreign_names = re.compile(
    rf"(?i)(?<![a-z0-9])(?:{'|'.join(map(re.escape, table.builtin))}|klingai|gen[-_]ai)(?![a-z0-9]|[-_][a-z0-9])"
    r"|klingai|runware|picsart|gateway"
)


def unnamed(path: Path) -> Iterator[str]:
    """What a file of the house or of its schemas says, without the examples of helps, schemas and explained codes."""
    text = path.read_text(encoding="utf-8")
    match path.suffix:
        case ".json":
            yield from words_of(json.loads(text))
        case ".toml":
            yield from (f"{code}: {entry}" for code, entry in without_examples(tomllib.loads(text)))
        case _:
            yield from (line for line in text.splitlines() if not re.match(r'\s*"kling-pipe [^"]*",$', line))


def words_of(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key != "examples":
                yield from words_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words_of(inner)
    else:
        yield str(value)


def without_examples(codes: dict[str, dict[str, object]]) -> Iterator[tuple[str, object]]:
    yield from ((code, value) for code, entry in codes.items() for key, value in entry.items() if key != "example")


def of_the_house() -> list[Path]:
    folders = [package / "providers" / name for name in table.builtin]
    files = [*package.rglob("*"), *(root / "schemas").rglob("*.json")]
    return sorted(
        path
        for path in files
        if path.suffix in (".py", ".toml", ".yaml", ".json")
        and path != package / "providers" / "table.py"
        and not any(folder in path.parents for folder in folders)
    )


def test_no_provider_is_named_outside_its_folder_and_the_table() -> None:
    found = [
        f"{path.relative_to(root)}: {line.strip()}"
        for path in of_the_house()
        for line in (str(path.relative_to(root)), *unnamed(path))
        if foreign_names.search(line)
    ]
    assert found == []
