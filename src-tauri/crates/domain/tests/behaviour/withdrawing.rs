//! What apps take back while it is held: listed, told of by the digest, and told again until it has been seen.

use crate::play::check;

#[test]
fn what_was_taken_back_at_once_is_told_of_even_if_nothing_is_held() {
    check(
        "
        start 30       | started until Mon 09:30; quiet
        chat: 'one'    | #1
        wait 15s       |
        chat closes #1 | ok; chat hears #1 closed: by call
        withdrawn?     | 1 chat
        at 11:30       | tells: 30 min are over; another 30?; not quiet; digest since Mon 09:00: , 1 withdrawn; 0 + 1 = 1 withdrawn
        check-in?      | open, at nothing
        withdrawn?     | 1 chat
        ",
    );
}

#[test]
fn what_was_taken_back_later_is_told_of_beside_what_is_held() {
    check(
        "
        start open     | started; quiet
        chat: 'one'    | #1
        chat: 'two'    | #2
        mail: 'three'  | #3
        wait 16s       |
        chat closes #1 | ok; chat hears #1 closed: by call
        mail closes #3 | ok; mail hears #3 closed: by call
        withdrawn?     | 1 chat; 1 mail
        check-in       | digest since Mon 09:00: 1 chat, 2 withdrawn; 0 + 3 = 1 held + 2 withdrawn; checked in with 1 held, 2 withdrawn
        done #2        | 1 done
        check-in       | checked in with 0 held, 2 withdrawn
        ",
    );
}

#[test]
fn it_is_told_of_at_each_check_in_until_it_has_been_seen() {
    check(
        "
        start open      | started; quiet
        chat: 'one'     | #1
        chat closes #1  | ok; chat hears #1 closed: by call
        check-in        | digest since Mon 09:00: , 1 withdrawn; 0 + 1 = 1 withdrawn; checked in with 0 held, 1 withdrawn
        wait 10s        |
        mail: 'two'     | #2
        mail closes #2  | ok; mail hears #2 closed: by call
        check-in        | digest since Mon 09:00: , 2 withdrawn; 0 + 1 = 1 withdrawn; checked in with 0 held, 2 withdrawn
        sees withdrawn  |
        withdrawn?      | 1 chat; 1 mail
        check-in        | checked in with 0 held
        withdrawn?      |
        ",
    );
}

#[test]
fn what_was_seen_in_the_list_brings_no_digest_and_stays_listed_for_one_check_in() {
    check(
        "
        start open      | started; quiet
        chat: 'one'     | #1
        chat closes #1  | ok; chat hears #1 closed: by call
        sees withdrawn  |
        check-in        | checked in with 0 held, 1 withdrawn
        withdrawn?      | 1 chat
        check-in        | checked in with 0 held
        withdrawn?      |
        ",
    );
}

#[test]
fn to_put_the_digest_away_or_to_press_it_is_to_have_seen_what_it_says_and_nothing_newer() {
    let script = |seen: &str| {
        format!(
            "
            start open      | started; quiet
            chat: 'one'     | #1
            chat closes #1  | ok; chat hears #1 closed: by call
            check-in
            tidegate: 'digest' button review | #2; shows 'digest'
            renderer shows  |
            {seen}
            check-in        | checked in with 0 held
            chat: 'two'     | #3
            chat closes #3  | ok; chat hears #3 closed: by call
            renderer closes r1 dismissed
            check-in        | digest since Mon 09:00: , 1 withdrawn; 0 + 1 = 1 withdrawn; checked in with 0 held, 1 withdrawn
            "
        )
    };
    check(&script("renderer presses r1 review | opens the window"));
    check(&script("renderer closes r1 dismissed |"));
}

#[test]
fn a_digest_that_ran_out_was_not_seen() {
    check(
        "
        start open      | started; quiet
        chat: 'one'     | #1
        chat closes #1  | ok; chat hears #1 closed: by call
        check-in
        tidegate: 'digest' button review | #2; shows 'digest'
        renderer shows  |
        renderer closes r1 expired |
        check-in        | digest since Mon 09:00: , 1 withdrawn; 0 + 0 = 0; checked in with 0 held, 1 withdrawn
        ",
    );
}

#[test]
fn a_check_in_that_is_closed_takes_along_what_it_told_of_and_leaves_what_came_since() {
    check(
        "
        start open      | started; quiet
        chat: 'one'     | #1
        chat closes #1  | ok; chat hears #1 closed: by call
        check-in
        mail: 'two'     | #2
        mail closes #2  | ok; mail hears #2 closed: by call
        list            | another
        close-check-in  | closed; was at nothing
        list            | another
        withdrawn?      | 1 mail
        check-in        | digest since Mon 09:00: , 1 withdrawn; 0 + 1 = 1 withdrawn; checked in with 0 held, 1 withdrawn
        ",
    );
}

#[test]
fn a_restart_forgets_neither_what_was_taken_back_nor_what_was_seen() {
    check(
        "
        start open      | started; quiet
        chat: 'one'     | #1
        chat closes #1  | ok; chat hears #1 closed: by call
        restart alone   |
        withdrawn?      | 1 chat
        check-in        | digest since Mon 09:00: , 1 withdrawn; 0 + 1 = 1 withdrawn; checked in with 0 held, 1 withdrawn
        restart alone   | digest since Mon 09:00: , 1 withdrawn; 0 + 1 = 1 withdrawn
        sees withdrawn  |
        restart alone   |
        check-in        | checked in with 0 held
        ",
    );
}

#[test]
fn what_was_read_on_the_screen_is_not_listed() {
    check(
        "
        chat: 'one'     | #1; shows 'one'
        renderer shows  |
        chat closes #1  | ok; chat hears #1 closed: by call; closes r1
        withdrawn?      |
        check-in        | checked in with 0 held
        ",
    );
}
