# kling-pipe completion for fish: kling-pipe completion fish > ~/.config/fish/completions/kling-pipe.fish
complete -c kling-pipe -f -a '(kling-pipe completion fish --line (commandline -cp | string collect) 2>/dev/null)'
