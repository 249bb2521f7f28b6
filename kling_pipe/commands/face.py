"""The shape all commands share: a help page with examples, `--json`, and the switches several of them have."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from kling_pipe.commands.completing import complete_by_names

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Decorator = Callable[[_Function], _Function]


class ExampledCommand(click.Command):
    """A command whose help ends in examples that can be typed as they stand."""

    def __init__(self, *arguments: Any, examples: tuple[str, ...] = (), **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_examples(formatter, self.examples)


class ExampledGroup(click.Group):
    """A command with commands of its own below it, which answers itself when none of them is named."""

    def __init__(self, *arguments: Any, examples: tuple[str, ...] = (), **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_examples(formatter, self.examples)


def command(name: str, *examples: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Declares a command; its function gets the Surface first and returns an Outcome."""

    def declare(function: Callable[..., Any]) -> click.Command:
        declared = click.command(name, cls=ExampledCommand, examples=examples)(_with_json(click.pass_obj(function)))
        complete_by_names(declared)
        return declared

    return declare


def group(name: str, *examples: str) -> Callable[[Callable[..., Any]], click.Group]:
    """Declares a command that has commands below it: give each to `add_command`."""

    def declare(function: Callable[..., Any]) -> click.Group:
        @functools.wraps(function)
        def answer(*arguments: Any, **values: Any) -> Any:
            context = click.get_current_context()
            if context.invoked_subcommand is None:
                return function(*arguments, **values)
            return _refuse_misplaced(context)

        declared = click.group(name, cls=ExampledGroup, invoke_without_command=True, examples=examples)
        made: click.Group = declared(_with_json(click.pass_obj(answer)))
        complete_by_names(made)
        return made

    return declare


def storyboard_argument(function: _Function) -> _Function:
    return click.argument("storyboard", type=click.Path())(function)


def provider_switch(function: _Function) -> _Function:
    return click.option(
        "--provider",
        default="",
        metavar="PROFILES",
        help="Use this profile in place of the storyboard's, or the first of `a,b` that can make a step.",
    )(function)


def choice_switches(function: _Function) -> _Function:
    """`--simulate`, `--only`, `--provider`: what is planned and run, and where."""
    function = provider_switch(function)
    function = click.option(
        "--only", multiple=True, metavar="ADDRESS", help="Only this step or member and what it needs; may be repeated."
    )(function)
    return click.option("--simulate", is_flag=True, help="Use the built-in simulator: nothing is spent.")(function)


def _write_examples(formatter: click.HelpFormatter, examples: tuple[str, ...]) -> None:
    with formatter.section("Examples"):
        for example in examples:
            formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


def _with_json(function: _Function) -> _Function:
    return click.option(
        "--json", is_flag=True, expose_value=False, help="Print one JSON envelope on stdout and nothing else there."
    )(function)


def _refuse_misplaced(context: click.Context) -> None:
    """A switch before the name of the command below would be passed over, and `--simulate` must never be."""
    for name in context.params:
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            switch = next(one.opts[0] for one in context.command.params if one.name == name)
            below = context.invoked_subcommand
            raise click.UsageError(f"`{switch}` belongs behind `{below}`, not before it", context)
