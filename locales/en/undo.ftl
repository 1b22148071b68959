# What undo would take back, as it follows the word "undo" or stands alone.

# $summary (text): of the newest one
# $more (number): how many others
undo-done =
    { $more ->
        [0] done: { $summary }
       *[other] done: { $summary } and { $more } more
    }
# $summary (text): of the newest one
# $more (number): how many others
undo-later =
    { $more ->
        [0] later: { $summary }
       *[other] later: { $summary } and { $more } more
    }
# $summary (text): of the newest one
# $more (number): how many others
undo-released =
    { $more ->
        [0] released: { $summary }
       *[other] released: { $summary } and { $more } more
    }
# $check-in (instant): the one that is passed over
undo-skipped = skipped: check-in at { $check-in }
