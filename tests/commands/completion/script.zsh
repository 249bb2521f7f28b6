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
