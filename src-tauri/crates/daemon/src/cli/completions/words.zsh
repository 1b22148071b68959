# What only the program knows: ids, apps, keys of buttons, settings. Nothing that it says is evaluated.
_tidegate() {
    local -a offers
    offers=(${(f)"$($words[1] complete-words "${(@Q)words[2,CURRENT]}" 2>/dev/null)"})
    if (( $#offers )); then
        compadd -- ${offers%%$'\t'*}
    else
        _tidegate_verbs "$@"
    fi
}

if [ "$funcstack[1]" = "_tidegate" ]; then
    _tidegate "$@"
else
    compdef _tidegate tidegate
fi
