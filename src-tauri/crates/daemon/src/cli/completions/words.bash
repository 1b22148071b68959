# What only the program knows: ids, apps, keys of buttons, settings. Nothing that it says is evaluated.
_tidegate_words() {
    local word words=()
    while IFS=$'\t' read -r word _; do
        words+=("$word")
    done < <("${COMP_WORDS[0]}" complete-words "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    if [[ ${#words[@]} -gt 0 ]]; then COMPREPLY=("${words[@]}"); else _tidegate "$@"; fi
}

complete -F _tidegate_words -o bashdefault -o default tidegate
