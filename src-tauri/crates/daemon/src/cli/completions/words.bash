# What only the program knows: ids, apps, keys of buttons, settings. Nothing that it says is evaluated.
_tidegate_words() {
    local word quoted words=() typed=("${COMP_WORDS[@]:1:COMP_CWORD}")
    while IFS=$'\t' read -r word _; do
        printf -v quoted '%q' "$word"
        words+=("$quoted")
    done < <("${COMP_WORDS[0]}" complete-words "${typed[@]//\\/}" 2>/dev/null)
    if [[ ${#words[@]} -gt 0 ]]; then COMPREPLY=("${words[@]}"); else _tidegate "$@"; fi
}

complete -F _tidegate_words -o bashdefault -o default tidegate
