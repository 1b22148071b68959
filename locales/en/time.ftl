# Times and lengths of time, as they stand in other messages.

# $time (text): a time of day
time-tomorrow = { $time } tomorrow
# $time (text): a time of day
# $weekday (number): 1 is Monday
time-on-weekday =
    { $weekday ->
        [1] { $time } on Monday
        [2] { $time } on Tuesday
        [3] { $time } on Wednesday
        [4] { $time } on Thursday
        [5] { $time } on Friday
        [6] { $time } on Saturday
       *[7] { $time } on Sunday
    }
# $time (text): a time of day
# $day (number): of the month
# $month (number): 1 is January
time-on-date =
    { $month ->
        [1] { $time } on { $day } Jan
        [2] { $time } on { $day } Feb
        [3] { $time } on { $day } Mar
        [4] { $time } on { $day } Apr
        [5] { $time } on { $day } May
        [6] { $time } on { $day } Jun
        [7] { $time } on { $day } Jul
        [8] { $time } on { $day } Aug
        [9] { $time } on { $day } Sep
        [10] { $time } on { $day } Oct
        [11] { $time } on { $day } Nov
       *[12] { $time } on { $day } Dec
    }
# A moment of the last or next days.
# $time (text): a time of day
# $weekday (number): 1 is Monday
time-weekday =
    { $weekday ->
        [1] Mon { $time }
        [2] Tue { $time }
        [3] Wed { $time }
        [4] Thu { $time }
        [5] Fri { $time }
        [6] Sat { $time }
       *[7] Sun { $time }
    }
# Any other moment.
# $time (text): a time of day
# $day (number): of the month
# $month (number): 1 is January
time-date =
    { $month ->
        [1] { $day } Jan { $time }
        [2] { $day } Feb { $time }
        [3] { $day } Mar { $time }
        [4] { $day } Apr { $time }
        [5] { $day } May { $time }
        [6] { $day } Jun { $time }
        [7] { $day } Jul { $time }
        [8] { $day } Aug { $time }
        [9] { $day } Sep { $time }
        [10] { $day } Oct { $time }
        [11] { $day } Nov { $time }
       *[12] { $day } Dec { $time }
    }
# A moment that no calendar has.
time-unknown = ?

## How long

time-under-a-minute = under a minute
# $minutes (number): how many
time-minutes = { $minutes } min
# $hours (number): how many
time-hours = { $hours } h
# $hours (number): how many
# $minutes (text): how many, in two digits
time-hours-and-minutes = { $hours } h { $minutes } min
# $days (number): how many
time-days = { $days } days
# $seconds (text): how many, with tenths where they are few
time-seconds = { $seconds } s
