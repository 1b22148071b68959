//! A renderer that does not answer for a long time: nothing is lost, and nothing is shown twice.

use crate::play::check;

#[test]
fn what_it_shows_late_counts_and_is_not_shown_once_more() {
    check(
        "
        chat: 'one'         | #1; shows 'one'
        renderer is silent  |
        rows                | #1 held 'one' (MayHaveBeenShown)
        ledger              | 0 + 1 = 1 held
        release all         | no: the notification daemon does not answer
        release #1          | no: the notification daemon does not answer
        renderer shows      |
        rows                | #1 released 'one'
        release all         | releasing 0
        wait 1m             |
        renderer presses r1 default | chat hears #1 pressed: default with token
        ledger              | 0 + 1 = 1 released
        ",
    );
}

#[test]
fn a_release_stops_there_and_goes_on_when_it_is_asked_for_again() {
    check(
        "
        start open          | started; quiet
        chat: 'one'         | #1
        mail: 'two'         | #2
        release all         | releasing 2
        wait 1s             | shows 'one'
        renderer is silent  |
        wait 1h             |
        rows                | #1 held 'one' (MayHaveBeenShown); #2 held 'two'
        renderer shows      |
        wait 1h             |
        release all         | releasing 1
        wait 1s             | shows 'two'
        renderer shows      |
        ledger              | 0 + 2 = 2 released
        ",
    );
}

#[test]
fn one_that_is_done_or_edited_meanwhile_is_taken_down_or_follows() {
    check(
        "
        chat: 'one'                | #1; shows 'one'
        renderer is silent         |
        done #1                    | 1 done
        renderer shows             | closes r1
        mail: 'two'                | #2; shows 'two'
        renderer is silent         |
        mail: 'two, newer' for #2  | #2
        renderer shows             | shows 'two, newer' in place of r2, silently
        renderer shows-as r2       |
        rows                       | #1 done 'one'; #2 released 'two, newer' edited 1x
        ",
    );
}

#[test]
fn one_that_is_pressed_in_the_list_meanwhile_is_pressed_once() {
    check(
        "
        chat: 'one' button yes  | #1; shows 'one'
        renderer is silent  |
        act #1 yes          | chat hears #1 pressed: yes; chat hears #1 closed: dismissed; acted: yes
        renderer shows      | closes r1
        ",
    );
}

#[test]
fn one_that_it_never_shows_is_held_and_may_be_released() {
    check(
        "
        chat: 'one'         | #1; shows 'one'
        renderer is silent  |
        renderer refuses    |
        rows                | #1 held 'one' (MayHaveBeenShown) (RendererRefused(\"full\"))
        release all         | releasing 1
        wait 1s             | shows 'one'
        renderer shows      |
        ledger              | 0 + 1 = 1 released
        ",
    );
}

#[test]
fn a_gate_that_starts_meanwhile_knows_that_it_may_still_be_shown() {
    check(
        "
        chat: 'one'         | #1; shows 'one'
        renderer is silent  |
        restart relay       |
        release #1          | no: bbb is being released
        renderer shows      |
        rows                | #1 released 'one' (MayHaveBeenShown)
        ",
    );
}

#[test]
fn an_old_doubt_does_not_say_that_nobody_waits_for_the_release_of_now() {
    check(
        "
        chat: 'one'         | #1; shows 'one'
        renderer is silent  |
        renderer refuses    |
        release #1          | releasing 1
        wait 1s             | shows 'one'
        done #1             | no: bbb is being released
        renderer shows      |
        rows                | #1 released 'one' (MayHaveBeenShown) (RendererRefused(\"full\"))
        ",
    );
}
