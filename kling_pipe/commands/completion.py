"""`kling-pipe completion`: the script that makes a shell complete commands, options, storyboards and addresses."""

from __future__ import annotations

import click

from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface

# The line goes over as it is typed and is taken apart in one place: bash cuts words at `=` and `:`, as addresses have.
_scripts = {
    "bash": """\
# kling-pipe completion for bash: eval "$(kling-pipe completion bash)" in ~/.bashrc
_kling_pipe() {
    local word
    COMPREPLY=()
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(
        kling-pipe completion bash --line "${COMP_LINE:0:COMP_POINT}" --current "$2" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _kling_pipe kling-pipe
""",
    "zsh": """\
#compdef kling-pipe
# kling-pipe completion for zsh: eval "$(kling-pipe completion zsh)" in ~/.zshrc, behind compinit
_kling_pipe() {
    local -a offered
    offered=("${(@f)$(kling-pipe completion zsh --line "${(j: :)words[1,CURRENT]}" 2>/dev/null)}")
    offered=(${offered:#})
    compadd -S '' -- ${(M)offered:#*/}
    compadd -- ${offered:#*/}
}
if [[ "$funcstack[1]" == "_kling_pipe" ]]; then _kling_pipe "$@"; else compdef _kling_pipe kling-pipe; fi
""",
    "fish": """\
# kling-pipe completion for fish: kling-pipe completion fish > ~/.config/fish/completions/kling-pipe.fish
complete -c kling-pipe -f -a '(kling-pipe completion fish --line (commandline -cp | string collect) 2>/dev/null)'
""",
}


@face.command(
    "completion",
    "kling-pipe completion bash",
    "kling-pipe completion zsh",
    "kling-pipe completion fish",
)
@click.argument("shell", type=click.Choice(tuple(_scripts)))
@click.option("--line", default=None, hidden=True)
@click.option("--current", default=None, hidden=True)
def command(surface: Surface, shell: str, line: str | None, current: str | None) -> Outcome:
    """Print the script that makes a shell complete commands, options, storyboards and the addresses in them.

    For bash: `eval "$(kling-pipe completion bash)"` in ~/.bashrc; for zsh the same in ~/.zshrc behind compinit; for
    fish: `kling-pipe completion fish > ~/.config/fish/completions/kling-pipe.fish`.
    """
    if line is None:
        return Outcome(data={"shell": shell, "script": _scripts[shell]}, text=_scripts[shell], verbatim=True)
    from kling_pipe.commands.completing import begun_word, offered

    group = click.get_current_context().find_root().command
    assert isinstance(group, click.Group)
    items = offered(group, line)
    left = len(begun_word(line)) - len(current) if current is not None else 0  # what the shell keeps of the word
    words = [item.value[max(0, left) :] for item in items]
    if shell == "fish":
        words = [f"{item.value}\t{item.help}" if item.help else item.value for item in items]
    return Outcome(data={"words": words}, text="".join(f"{word}\n" for word in words), verbatim=True)
