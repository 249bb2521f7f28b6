"""The shape all commands share: a help page with examples, `--json`, and the switches several of them have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Decorator = Callable[[_Function], _Function]


class ExampledCommand(click.Command):
    """A command whose help ends in examples that can be typed as they stand."""

    def __init__(self, *arguments: Any, examples: tuple[str, ...] = (), **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


def command(name: str, *examples: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Declares a command; its function gets the Surface first and returns an Outcome."""

    def declare(function: Callable[..., Any]) -> click.Command:
        with_json = click.option(
            "--json", is_flag=True, expose_value=False, help="Print one JSON envelope on stdout and nothing else there."
        )(click.pass_obj(function))
        return click.command(name, cls=ExampledCommand, examples=examples)(with_json)

    return declare


def storyboard_argument(function: _Function) -> _Function:
    return click.argument("storyboard", type=click.Path())(function)


def choice_switches(function: _Function) -> _Function:
    """`--simulate`, `--only`, `--provider`: what is planned and run, and where."""
    function = click.option(
        "--provider", default="", metavar="PROFILE", help="Use this profile in place of the storyboard's."
    )(function)
    function = click.option(
        "--only", multiple=True, metavar="STEP", help="Only this step and what it needs; may be repeated."
    )(function)
    return click.option("--simulate", is_flag=True, help="Use the built-in simulator: nothing is spent.")(function)
