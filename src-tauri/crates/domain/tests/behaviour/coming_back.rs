//! What had left and is held again: why it is held now, whatever it was held for at first.

use crate::play::check;

/// One of a block that was released and is on the screen, and then what happens.
fn released(then: &str) {
    check(&format!(
        "
        start open            | started; quiet
        chat: 'one' button yes reply | #1
        end                   | ended with 1 held; not quiet
        release #1            | releasing 1
        wait 1s               | shows 'one'
        renderer shows        |
        came-back?            |
        {then}
        "
    ));
}

#[test]
fn a_press_that_its_app_does_not_hear_brings_it_back() {
    released(
        "
        chat leaves           |
        renderer presses r1 yes | closes r1; opens the window
        came-back?            | #1 NobodyListens
        restart alone         |
        came-back?            | #1 NobodyListens
        ",
    );
    released(
        "
        renderer presses r1 inline-reply | closes r1; opens the window
        came-back?            | #1 ToBeAnswered
        chat: 'edited' for #1 | #1
        came-back?            | #1 ToBeAnswered
        ",
    );
}

#[test]
fn a_release_that_is_taken_back_and_a_renderer_that_is_lost_are_told_apart() {
    released(
        "
        undo                  | closes r1; 1 undone
        came-back?            | #1 ReleaseUndone
        done #1               | 1 done
        undo                  | 1 undone
        came-back?            | #1 ReleaseUndone
        release #1            | releasing 1
        wait 1s               | shows 'one'
        renderer shows        |
        renderer comes        |
        came-back?            | #1 RendererGone
        ",
    );
}

#[test]
fn what_the_renderer_refuses_or_a_crash_stops_says_so() {
    check(
        "
        start open            | started; quiet
        chat: 'one'           | #1
        chat: 'two'           | #2
        release #1            | releasing 1
        wait 1s               | shows 'one'
        renderer refuses      |
        came-back?            | #1 Refused
        release #1            | releasing 1
        wait 1s               | shows 'one'
        restart alone         |
        came-back?            | #1 GateStopped
        ",
    );
    check(
        "
        chat: 'one'           | #1; shows 'one'
        renderer refuses      |
        came-back?            | #1 Refused
        ",
    );
    check(
        "
        disk fails            |
        chat: 'one'           | #1; shows 'one'
        renderer refuses      |
        disk is-well          |
        came-back?            | #1 Refused
        ",
    );
}

#[test]
fn what_passed_by_a_rule_and_is_pressed_in_vain_while_the_gate_is_closed_is_held_for_the_press() {
    check(
        "
        rule chat pass        |
        start open            | started; quiet
        chat: 'one' button yes | #1; shows 'one'
        renderer shows        |
        chat leaves           |
        renderer presses r1 yes | closes r1; opens the window
        came-back?            | #1 NobodyListens
        ",
    );
}
