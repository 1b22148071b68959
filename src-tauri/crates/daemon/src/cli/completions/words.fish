# What only the program knows: ids, apps, keys of buttons, settings. Nothing that it says is evaluated.
function __tidegate_words
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l begun (commandline --current-token --cut-at-cursor)
    set -e words[1]
    command tidegate complete-words $words "$begun" 2>/dev/null
end

complete -c tidegate -a '(__tidegate_words)'
