//! Releases: paced, in order, with one sound, and back to held when the renderer will not have them.

use crate::play::check;

#[test]
fn check_43_one_call_at_a_time_and_four_a_second() {
    check(
        "
        start open      | started; quiet
        chat: 'one'     | #1
        chat: 'two'     | #2
        chat: 'three'   | #3
        release all     | releasing 3
        wait 10s        | shows 'one'
        renderer shows  |
        wait 249ms      |
        wait 1ms        | shows 'two', silently
        wait 10s        |
        renderer shows  |
        wait 250ms      | shows 'three', silently
        renderer shows  |
        wait 1m         |
        ledger          | 0 + 3 = 3 released
        ",
    );
}

#[test]
fn check_43_fifteen_at_most_are_open() {
    let arrive: String = (1..=17).map(|nth| format!("chat: '{nth}'\n")).collect();
    let shown: String = (1..=15).map(|_| "wait 1s\nrenderer shows |\n".to_owned()).collect();
    let script = format!(
        "start open
        {arrive}
        release all | releasing 17
        {shown}
        wait 1m                       |
        ledger                        | 0 + 17 = 2 held + 15 released
        chat: 'edited' for #3         | #3; shows 'edited' in place of r3
        wait 1s                       |
        renderer shows                |
        wait 1s                       |
        renderer closes r5 dismissed  | chat hears #5 closed: dismissed
        wait 1s                       | shows '16', silently
        renderer shows                |
        wait 1s                       |
        chat closes #1                | ok; chat hears #1 closed: by call; closes r1
        wait 1s                       | shows '17', silently
        renderer shows                |
        chat: 'again' for #2          | #2; shows 'again' in place of r2
        renderer refuses              |
        release #2                    | releasing 1
        plan                          | block until never, releasing, check-in Mon 11:30
        wait 1s                       | shows 'again'
        renderer shows                |
        chat: 'late'                  | #18
        release #18                   | releasing 1
        plan                          | block until never, check-in Mon 11:30
        wait 1h                       |"
    );
    check(&script);
}

#[test]
fn check_43_what_the_renderer_refuses_is_held_again_and_says_why() {
    check(
        "
        start open       | started; quiet
        chat: 'one'      | #1
        release all      | releasing 1
        wait 1s          | shows 'one'
        renderer refuses |
        rows             | #1 held 'one' (RendererRefused(\"full\"))
        wait 1h          |
        release #1       | releasing 1
        wait 1s          | shows 'one'
        renderer shows   |
        ledger           | 0 + 1 = 1 released
        ",
    );
}

#[test]
fn check_43_what_passes_and_is_refused_is_held_visibly() {
    check(
        "
        chat: 'one'             | #1; shows 'one'
        sound: '60 %' feedback  | #2; shows '60 %'
        renderer refuses        |
        renderer refuses        |
        rows   | #1 held 'one' (RendererRefused(\"full\")); #2 passed '60 %' (RendererRefused(\"full\"))
        ledger | 0 + 1 = 1 held, 1 feedback
        ",
    );
}

#[test]
fn what_its_app_took_back_before_the_renderer_refused_it_was_shown_to_nobody() {
    check(
        "
        chat: 'one'      | #1; shows 'one'
        chat closes #1   | ok; chat hears #1 closed: by call
        renderer refuses |
        rows             | #1 withdrawn 'one' (RendererRefused(\"full\"))
        ledger           | 0 + 1 = 1 withdrawn
        chat: 'two'      | #2; shows 'two'
        renderer shows   |
        chat: 'too' for #2 | #2; shows 'too' in place of r1
        chat closes #2   | ok; chat hears #2 closed: by call
        renderer refuses |
        ledger           | 0 + 2 = 1 passed + 1 withdrawn
        ",
    );
}

#[test]
fn check_43_an_edit_that_the_renderer_refuses_is_held_too() {
    check(
        "
        start open          | started; quiet
        chat: 'one'         | #1
        release all         | releasing 1
        wait 1s             | shows 'one'
        renderer shows      |
        chat: 'two' for #1  | #1; shows 'two' in place of r1
        renderer refuses    |
        rows                | #1 held 'two' edited 1x (RendererRefused(\"full\"))
        ",
    );
}

#[test]
fn check_45_releases_keep_the_order_of_arrival_and_show_the_last_text() {
    check(
        "
        start open           | started; quiet
        chat: 'one'          | #1
        mail: 'two'          | #2
        chat: 'three'        | #3
        chat: 'first' for #1 | #1
        release #3 #1        | releasing 2
        wait 1s              | shows 'first'
        renderer shows       |
        release #2           | releasing 1
        wait 1s              | shows 'two', silently
        renderer shows       |
        wait 1s              | shows 'three', silently
        ",
    );
}

#[test]
fn check_46_each_release_makes_one_sound() {
    check(
        "
        start open      | started; quiet
        chat: 'one'     | #1
        chat: 'two'     | #2
        release #1      | releasing 1
        wait 1s         | shows 'one'
        renderer shows  |
        release #2      | releasing 1
        wait 1s         | shows 'two'
        ",
    );
}

#[test]
fn what_arrives_after_a_release_of_all_is_not_part_of_it() {
    check(
        "
        start open      | started; quiet
        chat: 'one'     | #1
        release all     | releasing 1
        chat: 'two'     | #2
        wait 1s         | shows 'one'
        renderer shows  |
        wait 1h         |
        rows            | #1 released 'one'; #2 held 'two'
        ",
    );
}

#[test]
fn a_release_can_be_undone_until_somebody_touches_it() {
    check(
        "
        start open                  | started; quiet
        chat: 'one' button yes      | #1
        release #1                  | releasing 1
        wait 1s                     | shows 'one'
        renderer shows              |
        undo                        | closes r1; 1 undone
        renderer closes r1 by-call  |
        rows                        | #1 held 'one'
        release #1                  | releasing 1
        wait 1s                     | shows 'one'
        renderer shows              |
        renderer presses r2 yes     | chat hears #1 pressed: yes with token
        undo                        | no: bbb cannot be undone any more
        ",
    );
}

#[test]
fn a_release_that_has_not_begun_is_undone_too() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        chat: 'two'  | #2
        release #1 #2 | releasing 2
        undo         | 2 undone
        wait 1s      |
        ledger       | 0 + 2 = 2 held
        release #1   | releasing 1
        chat closes #1 | ok; chat hears #1 closed: by call
        undo #1      | no: bbb cannot be undone any more
        ",
    );
}

#[test]
fn what_was_pressed_or_done_meanwhile_is_no_part_of_the_release_to_undo() {
    check(
        "
        start open             | started; quiet
        chat: 'one' button yes | #1
        chat: 'two'            | #2
        chat: 'three'          | #3
        release #1 #2 #3       | releasing 3
        act #1 yes             | chat hears #1 pressed: yes; chat hears #1 closed: dismissed; acted: yes
        done #2                | 1 done
        undo #2                | 1 undone
        undo                   | 1 undone
        wait 1s                |
        ledger                 | 0 + 3 = 2 held + 1 done
        ",
    );
}

#[test]
fn what_is_on_its_way_can_be_neither_done_nor_pressed() {
    check(
        "
        start open              | started; quiet
        chat: 'one' button yes  | #1
        release #1              | releasing 1
        wait 0s                 | shows 'one'
        done #1                 | no: bbb is being released
        act #1 yes              | no: bbb is being released
        release #1              | no: bbb is being released
        done all                | 0 done
        renderer shows          |
        done #1                 | no: bbb is not held: it is released
        done #7                 | no: no interruption has the id bbj
        ledger                  | 0 + 1 = 1 released
        ",
    );
}

#[test]
fn a_transient_one_on_its_way_does_not_expire_before_the_renderer_has_answered() {
    check(
        "
        start open                        | started; quiet
        chat: 'one' transient lasting 5s  | #1
        chat: 'two' transient lasting 6s  | #2
        release #1                        | releasing 1
        wait 0s                           | shows 'one'
        wait 9s                           | chat hears #2 closed: expired
        renderer refuses                  |
        wait 0s                           | chat hears #1 closed: expired
        ",
    );
}

#[test]
fn what_was_done_meanwhile_is_not_released() {
    check(
        "
        start open     | started; quiet
        chat: 'one'    | #1
        chat: 'two'    | #2
        chat: 'three'  | #3
        release all    | releasing 3
        done #1        | 1 done
        chat closes #2 | ok; chat hears #2 closed: by call
        wait 1s        | shows 'three'
        renderer shows |
        chat: 'four'   | #4
        release all    | releasing 1
        done all       | 1 done
        undo           | 1 undone
        wait 1s        |
        ledger         | 0 + 4 = 1 held + 1 withdrawn + 1 released + 1 done
        ",
    );
}

#[test]
fn without_a_renderer_nothing_is_released() {
    check(
        "
        start open       | started; quiet
        chat: 'one'      | #1
        renderer leaves  |
        release all      | no: no notification daemon is reachable to show it
        renderer comes   |
        release all      | releasing 1
        renderer leaves  |
        wait 1s          |
        renderer comes   |
        wait 1s          |
        ledger           | 0 + 1 = 1 held
        ",
    );
}

#[test]
fn popups_that_went_with_the_renderer_are_held_again_and_say_why() {
    check(
        "
        start open                 | started; quiet
        chat: 'one' button yes     | #1
        chat: 'two'                | #2
        release all                | releasing 2
        wait 1s                    | shows 'one'
        renderer shows             |
        wait 1s                    | shows 'two', silently
        renderer shows             |
        renderer presses r1 yes    | chat hears #1 pressed: yes with token
        renderer leaves            |
        renderer comes             |
        rows                       | #1 released 'one'; #2 held 'two' (RendererRestarted)
        release all                | releasing 1
        wait 1s                    | shows 'two'
        ",
    );
}

#[test]
fn of_those_that_are_named_each_that_is_left_out_is_told() {
    check(
        "
        start open       | started; quiet
        chat: 'one'      | #1
        chat: 'two'      | #2
        chat: 'three'    | #3
        done #1 #8       | 1 done, but no interruption has the id bbk
        later #1 #9 #2 #8 | 2 later, Mon 11:30, but no interruption has the id bbl, but no interruption has the id bbk
        done #1          | 1 done
        release #1 #3    | releasing 1, but bbb is not held: it is done
        wait 0s          | shows 'three'
        done #3 #8       | 0 done, but no interruption has the id bbk, but bbd is being released
        renderer shows   |
        ledger           | 0 + 3 = 1 held + 1 released + 1 done
        ",
    );
}

#[test]
fn a_release_of_many_is_taken_back_at_once_whether_shown_or_still_waiting() {
    check(
        "
        start open                  | started; quiet
        chat: 'one' button yes      | #1
        mail: 'two'                 | #2
        chat: 'three'               | #3
        chat: 'four'                | #4
        chat: 'five'                | #5
        release all                 | releasing 5
        undoable?                   | Released 'five', 5
        wait 0s                     | shows 'one'
        renderer shows              |
        wait 250ms                  | shows 'two', silently
        renderer shows              |
        waiting?                    | 3
        undoable?                   | Released 'five', 5
        renderer presses r1 yes     | chat hears #1 pressed: yes with token
        undo                        | closes r2; 4 undone, 1 out
        waiting?                    | 0
        wait 10s                    |
        undo                        | no: there is nothing to undo
        ledger                      | 0 + 5 = 4 held + 1 released
        ",
    );
}

#[test]
fn what_waits_for_the_screen_is_counted_as_it_changes() {
    check(
        "
        start open      | started; quiet
        note 'a thought' | noted #1
        chat: 'two'     | #2
        mail: 'three'   | #3
        chat: 'four'    | #4
        chat: 'five'    | #5
        release all     | releasing 4
        waiting?        | 4
        done #2         | 1 done
        waiting?        | 3
        undo            | 1 undone
        waiting?        | 4
        later #3        | 1 later, Mon 11:30
        waiting?        | 3
        undo            | 1 undone
        waiting?        | 4
        mail closes #3  | ok; mail hears #3 closed: by call
        waiting?        | 3
        chat: 'six'     | #6
        wait 0s         | shows 'two'
        waiting?        | 2
        renderer refuses |
        waiting?        | 2
        undo            | 2 undone
        waiting?        | 0
        wait 10s        |
        ledger          | 0 + 6 = 5 held + 1 withdrawn
        ",
    );
}

#[test]
fn one_that_is_on_its_way_is_out_already() {
    check(
        "
        start open      | started; quiet
        chat: 'one'     | #1
        chat: 'two'     | #2
        release of chat | releasing 2
        wait 0s         | shows 'one'
        undo            | 1 undone, 1 out
        renderer shows  |
        wait 10s        |
        rows            | #1 released 'one'; #2 held 'two'
        undo #1         | closes r1; 1 undone
        ",
    );
}

#[test]
fn a_release_of_more_than_one_page_is_one_undo_too() {
    let arrive: String = (1..=120).map(|nth| format!("chat: '{nth}'\n")).collect();
    let out: String =
        (1..=110).map(|nth| format!("wait 1s\nrenderer shows |\nrenderer closes r{nth} dismissed |\n")).collect();
    let script = format!(
        "start open
        {arrive}
        release all | releasing 120
        undoable?   | Released '100', 120
        {out}
        wait 1s        |
        renderer shows |
        wait 1s        |
        renderer shows |
        waiting?       | 8
        undo           | closes r111; closes r112; 10 undone, 110 out
        wait 1m        |
        ledger         | 0 + 120 = 10 held + 110 released"
    );
    check(&script.replace("dismissed |", "dismissed").replace("wait 1s        |", "wait 1s"));
}

#[test]
fn what_the_digest_s_button_or_a_check_in_releases_is_one_undo() {
    check(
        "
        hand-over mail re-deliver     |
        start open                    | started; quiet
        chat: 'one'                   | #1
        chat: 'two'                   | #2
        tidegate: 'digest' button release-all | #3; shows 'digest'
        renderer shows                |
        renderer presses r1 release-all |
        undoable?                     | Released 'digest', 2
        wait 0s                       | shows 'one'
        renderer shows                |
        undo                          | closes r2; 2 undone
        mail: 'three'                 | #4
        mail: 'four'                  | #5
        check-in                      | digest since Mon 09:00: 2 chat, 2 released; 0 + 4 = 4 held; checked in with 4 held
        wait 1s                       | shows 'three'
        renderer shows                |
        undoable?                     | Released 'three', 2
        undo                          | closes r3; 2 undone
        wait 10s                      |
        ledger                        | 4 + 0 = 4 held
        ",
    );
}

#[test]
fn one_that_is_taken_back_by_itself_stays_whatever_waits_to_be_released() {
    check(
        "
        start open     | started; quiet
        chat: 'one'    | #1
        mail: 'two'    | #2
        chat: 'three'  | #3
        calendar: 'four' | #4
        done #1        | 1 done
        later #4       | 1 later, Mon 11:30
        release all    | releasing 2
        undo #1        | 1 undone
        undo #4        | 1 undone
        waiting?       | 2
        wait 1s        | shows 'two'
        renderer shows |
        done #3        | 1 done
        undo           | 1 undone
        waiting?       | 1
        undo #3        | 1 undone
        waiting?       | 0
        wait 10s       |
        release all    | releasing 3
        undo #1        | 1 undone
        undo #4        | 1 undone
        waiting?       | 1
        wait 1s        | shows 'three'
        renderer shows |
        wait 10s       |
        waiting?       | 0
        ledger         | 0 + 4 = 2 held + 2 released
        ",
    );
}
