# kling-pipe completion for bash: eval "$(kling-pipe completion bash)" in ~/.bashrc
_kling_pipe() {
    local word
    COMPREPLY=()
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(
        kling-pipe completion bash --line "${COMP_LINE:0:COMP_POINT}" --current "$2" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _kling_pipe kling-pipe
