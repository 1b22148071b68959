# What is wrong with a length or a time as it was typed, and what to type instead. Lengths and commands stay as they are.

cli-length-of-block = give 1 minute to 24 hours, such as 25, 25m, 1h30 or 5h; until 11:00; until-check-in; or open
# $typed (text): what was taken for a length
cli-length-none-of-block =
    "{ $typed }" is no length; { cli-length-of-block }. An intention alone: tidegate start -i WORD, or several words in quotes
cli-length-until-when = until when? Such as: tidegate start until 11:00
cli-length-intention-twice = the intention is given twice; leave out -i, or the words behind the length
# $typed (text): what was taken for a time of day
cli-length-no-time = "{ $typed }" is no time of today; give one such as 11:00 or 16:30
cli-length-of-stretch = give 1 minute to 8 hours, such as 15, 15m, 1h30 or 2 hours
cli-length-snooze-what = snooze what? Such as: tidegate snooze bkf 20m
-length-of-snooze =
    behind the ids give 1 minute to 24 hours, such as 20, 20m or 1h30, or until 11:00: tidegate snooze bkf 20m
cli-length-snooze-until-when = until when? { -length-of-snooze }
# $typed (text): what was taken for a length
cli-length-none-of-snooze = "{ $typed }" is no length; { -length-of-snooze }
