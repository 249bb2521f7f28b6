"""The table of commands: a name, the module that holds it, and one line of help. Modules load when they are called."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from kling_pipe import __version__

commands: dict[str, tuple[str, str]] = {
    "init": ("kling_pipe.commands.init", "write a storyboard that works at once, from a template"),
    "validate": ("kling_pipe.commands.validate", "check a storyboard and name every problem"),
    "show": ("kling_pipe.commands.show", "show what a storyboard holds, and where each value comes from"),
    "plan": ("kling_pipe.commands.plan", "say what would run and why, and what it costs"),
    "quote": ("kling_pipe.commands.quote", "compare what a storyboard costs on each provider"),
    "run": ("kling_pipe.commands.run", "make what is missing and write the deliverables"),
    "status": ("kling_pipe.commands.status", "show what is made, what is under way, what was spent"),
    "why": ("kling_pipe.commands.why", "say what of a step's recipe changed, and what that costs"),
    "diff": ("kling_pipe.commands.diff", "compare two git revisions of a storyboard, and what each costs"),
    "graph": ("kling_pipe.commands.graph", "draw the steps, their states and what is wired to what"),
    "takes": ("kling_pipe.commands.takes", "list the takes of a step, or show them on one sheet"),
    "pick": ("kling_pipe.commands.pick", "choose the take that goes on"),
    "another": ("kling_pipe.commands.another", "buy one more take of a step"),
    "accept": ("kling_pipe.commands.accept", "keep what is stale as it was made"),
    "verify": ("kling_pipe.commands.verify", "hold stored files and deliverables against the lock"),
    "settle": ("kling_pipe.commands.settle", "say what became of a job whose payment is unknown"),
    "account": ("kling_pipe.commands.account", "show the packs and what is left in them"),
    "ledger": ("kling_pipe.commands.ledger", "list what was spent, and reconcile it with the provider"),
    "library": ("kling_pipe.commands.library", "list the elements and voices that steps can name by id"),
    "models": ("kling_pipe.commands.models", "list the models, what they can do and what they cost"),
    "simulator": ("kling_pipe.commands.simulator", "serve the simulated providers on a port"),
    "schema": ("kling_pipe.commands.schema", "print the JSON Schemas or install them for an editor"),
    "explain": ("kling_pipe.commands.explain", "tell what a problem's code means and what to do about it"),
    "completion": ("kling_pipe.commands.completion", "print a script that makes a shell complete what is typed"),
    "doctor": ("kling_pipe.commands.doctor", "examine environment, credentials, disk and clock"),
}


class CommandTable(click.Group):
    """A group that knows its commands' names without loading them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = commands.get(cmd_name)
        if entry is None:
            return None
        command = importlib.import_module(entry[0]).command
        assert isinstance(command, click.Command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Without loading a command: click asks each of them whether it is hidden."""
        named = [CompletionItem(name, help=line) for name, (_, line) in commands.items() if name.startswith(incomplete)]
        return named + (click.Command.shell_complete(self, ctx, incomplete) if incomplete.startswith("-") else [])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in commands and not args[0].startswith("-"):
            raise _unknown(args[0])
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_line) for name, (_, help_line) in commands.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            formatter.write_text("kling-pipe init")
            formatter.write_text("kling-pipe run storyboard.yaml --simulate")
            formatter.write_text("kling-pipe explain CODE")
            formatter.write_text("kling-pipe COMMAND --help")


def _unknown(name: str) -> click.UsageError:
    import difflib

    near = difflib.get_close_matches(name, list(commands), 1)
    error = click.UsageError(f"`{name}` is not a command")
    error.possibilities = near  # type: ignore[attr-defined]  # as click's own NoSuchOption carries them
    return error


commands_below = {"ledger": ("reconcile",), "models": ("explain",)}


def command_named(words: Sequence[str]) -> str:
    """The command among the words, for the envelope; empty when there is none."""
    first = next((word for word in words if not word.startswith("-")), "")
    below = next((word for word in words if word in commands_below.get(first, ())), "")
    return f"{first} {below}".strip() if first in commands else ""


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"kling-pipe {__version__}")
        context.exit()


group = CommandTable(
    name="kling-pipe",
    help="make for paid generative media: YAML storyboards become pictures and clips, each paid for once.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)
group.params.append(
    click.Option(
        ["--version"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_show_version,
        help="Show the version and exit.",
    )
)
