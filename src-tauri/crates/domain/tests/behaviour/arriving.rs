//! Notify: ids, edits, and what is held, let through or muted.

use crate::play::check;

#[test]
fn a_closed_gate_holds_and_an_open_one_lets_through() {
    check(
        "
        chat: 'one'  | #1; shows 'one'
        start 50     | started until Mon 09:50; quiet
        chat: 'two'  | #2
        end          | ended with 1 held; not quiet
        chat: 'three'| #3; shows 'three'
        rows         | #1 passed 'one'; #2 held 'two'; #3 passed 'three'
        ",
    );
}

#[test]
fn check_11_ids_rise_and_a_restart_never_gives_one_out_again() {
    check(
        "
        start open     | started; quiet
        chat: 'one'    | #1
        mail: 'two'    | #2
        restart relay  |
        chat: 'three'  | #4097
        mail: 'four'   | #4098
        ",
    );
}

#[test]
fn check_11_an_id_that_was_never_given_out_is_nobodys() {
    check(
        "
        chat: 'one' for 7             | #1; shows 'one'
        renderer shows                |
        chat closes 9                 | ok
        chat closes 1                 | ok
        start open                    | started; quiet
        chat: 'two' for #900          | #2
        chat: 'three' for 4294967295  | #3
        chat: 'four' for 1            | #4
        chat closes #5                | ok
        restart relay                 |
        chat: 'five' for #900         | #4097
        rows | #1 passed 'one'; #2 held 'two'; #3 held 'three'; #4 held 'four'; #4097 held 'five'
        ",
    );
}

#[test]
fn check_11_a_small_id_never_touches_the_popup_that_the_renderer_calls_so() {
    check(
        "
        chat: 'one' button yes  | #1; shows 'one'
        renderer shows          |
        old: 'two' for 1        | #2; shows 'two'
        renderer shows          |
        old closes 1            | ok
        renderer presses r1 yes | chat hears #1 pressed: yes with token
        old closes #2           | ok; old hears #2 closed: by call; closes r2
        rows                    | #1 passed 'one'; #2 passed 'two'
        ",
    );
}

#[test]
fn check_12_an_edit_of_a_held_one_keeps_its_id_and_its_place() {
    check(
        "
        start open                                  | started; quiet
        chat: 'lunch?' button yes                   | #1
        mail: 'later'                               | #2
        chat: 'lunch at 1?' for #1 button at-one    | #1
        rows     | #1 held 'lunch at 1?' edited 1x; #2 held 'later'
        ledger   | 0 + 2 = 2 held
        act #1 yes    | no: bbb has no action \"yes\"
        act #1 at-one | chat hears #1 pressed: at-one; chat hears #1 closed: dismissed; acted: at-one
        ",
    );
}

#[test]
fn check_12_a_later_connection_of_the_same_app_edits_once_the_first_has_left() {
    check(
        "
        start open               | started; quiet
        chat: 'one'              | #1
        chat.2: 'two' for #1     | #2
        chat leaves              |
        chat.2: 'three' for #1   | #1
        rows                     | #1 held 'three' edited 1x; #2 held 'two'
        chat.2 closes #1         | ok; chat.2 hears #1 closed: by call
        ",
    );
}

#[test]
fn check_13_an_edit_of_a_released_one_goes_to_its_popup() {
    check(
        "
        start open          | started; quiet
        chat: 'one'         | #1
        release all         | releasing 1
        wait 1s             | shows 'one'
        renderer shows      |
        chat: 'two' for #1  | #1; shows 'two' in place of r1
        renderer shows      |
        rows                | #1 released 'two' edited 1x
        ",
    );
}

#[test]
fn check_13_an_edit_of_one_under_way_follows_it() {
    check(
        "
        chat: 'one'          | #1; shows 'one'
        chat: 'two' for #1   | #1
        chat: 'three' for #1 | #1
        renderer shows       | shows 'three' in place of r1
        renderer shows       |
        rows                 | #1 passed 'three' edited 2x
        ",
    );
}

#[test]
fn check_13_an_edit_of_a_closed_one_is_held_or_shown_anew_under_the_same_id() {
    check(
        "
        chat: 'one'                   | #1; shows 'one'
        renderer shows                |
        renderer closes r1 dismissed  | chat hears #1 closed: dismissed
        chat: 'two' for #1            | #1; shows 'two'
        renderer shows                |
        renderer closes r2 dismissed  | chat hears #1 closed: dismissed
        start open                    | started; quiet
        chat: 'three' for #1          | #1
        rows  | #1 passed 'one'; #1 passed 'two'; #1 held 'three'
        ",
    );
}

#[test]
fn an_edit_of_one_whose_popup_went_with_the_renderer_is_judged_anew() {
    check(
        "
        chat: 'one'         | #1; shows 'one'
        renderer shows      |
        renderer leaves     |
        renderer comes      |
        start open          | started; quiet
        chat: 'two' for #1  | #1
        rows                | #1 passed 'one'; #1 held 'two'
        ",
    );
}

#[test]
fn an_edit_of_one_that_is_done_is_a_new_one() {
    check(
        "
        start open          | started; quiet
        chat: 'one'         | #1
        done #1             | 1 done
        chat: 'two' for #1  | #1
        rows                | #1 done 'one'; #1 held 'two'
        undo                | no: bbb cannot be undone any more
        wait 1m             |
        chat closes #1      | ok; chat hears #1 closed: by call
        ",
    );
}

#[test]
fn check_14_an_unknown_id_or_anothers_is_answered_with_a_new_one() {
    check(
        "
        chat: 'stale' for #900  | #1; shows 'stale'
        chat: 'mine' for #1     | #1
        mail: 'stale' for #900  | #2; shows 'stale'
        mail: 'mine' for #1     | #3; shows 'mine'
        chat leaves             |
        mail: 'again' for #1    | #4; shows 'again'
        ",
    );
}

#[test]
fn check_14_an_id_that_an_app_made_up_means_what_it_last_sent_by_it() {
    check(
        "
        start open                      | started; quiet
        fake: '40 %' for 1000           | #1
        fake: '50 %' for 1000           | #1
        fake.2: 'too early' for 1000    | #2
        fake leaves                     |
        chat: 'done' for 1000           | #3
        fake.2: '60 %' for 1000         | #2
        fake.2: 'named' for #2          | #2
        fake.2: 'another' for 1000      | #1
        chat: 'tagged' for 1000 tagged a  | #4
        chat: 'again' for 7 tagged a    | #4
        chat closes 1000                | ok
        rows | #1 held 'another' edited 2x; #2 held 'named' edited 2x; #3 held 'done'; #4 held 'again' edited 1x
        end                             | ended with 4 held; not quiet
        chat: 'on screen' for 1001      | #5; shows 'on screen'
        renderer shows                  |
        chat: 'in place' for 1001       | #5; shows 'in place' in place of r1
        renderer shows-as r1            |
        renderer closes r1 dismissed    | chat hears #5 closed: dismissed
        chat: 'anew' for 1001           | #6; shows 'anew'
        ",
    );
}

#[test]
fn check_14_a_claim_is_not_the_app_that_it_names() {
    check(
        "
        start open                    | started; quiet
        chat: 'one' tagged a          | #1
        claim-chat: 'two' for #1      | #2
        claim-chat: 'three' tagged a  | #3
        chat leaves                   |
        claim-chat: 'four' for #1     | #4
        claim-chat closes #1          | ok
        chat.2: 'five' for #2         | #5
        claim-chat leaves             |
        chat.2: 'six' for #2          | #2
        rows | #1 held 'one'; #2 withdrawn 'two'; #3 held 'three'; #4 held 'four'; #5 held 'five'; #2 held 'six'
        ",
    );
}

#[test]
fn check_15_a_later_connection_takes_the_id_over_once_the_first_has_left() {
    check(
        "
        start open               | started; quiet
        chat: 'one'              | #1
        chat leaves              |
        mail: 'mine' for #1      | #2
        chat.2: 'two' for #1     | #1
        rows                     | #1 held 'two' edited 1x; #2 held 'mine'
        act #1                   | no: bbb has no action \"default\"
        ",
    );
}

#[test]
fn check_16_two_that_are_the_same_stay_two() {
    check(
        "
        start open   | started; quiet
        chat: 'ping' | #1
        chat: 'ping' | #2
        ledger       | 0 + 2 = 2 held
        ",
    );
}

#[test]
fn check_17_an_empty_summary_and_odd_claims_are_accepted() {
    check(
        "
        start open                    | started; quiet
        chat: ''                      | #1
        chat: 'x' button a button a   | #2
        rows                          | #1 held ''; #2 held 'x'
        ",
    );
}

#[test]
fn check_18_feedback_passes_a_closed_gate_and_stays_out_of_the_sum() {
    check(
        "
        start open                      | started; quiet
        sound: '60 %' feedback          | #1; shows '60 %'
        renderer shows                  |
        sound: '70 %' feedback for #1   | #1; shows '70 %' in place of r1
        ledger                          | 0 + 0 = 0, 1 feedback
        ",
    );
}

#[test]
fn check_18_feedback_is_no_way_past_the_gate() {
    check(
        "
        start open               | started; quiet
        chat: '60 %' feedback    | #1; shows '60 %'
        renderer shows           |
        chat: 'buy!' for #1      | closes r1; #1
        chat: '70 %' feedback for #1 | #1
        rows                     | #1 passed '60 %'; #1 held '70 %' edited 1x
        ledger                   | 0 + 1 = 1 held, 1 feedback
        ",
    );
}

#[test]
fn check_18_a_stack_tag_replaces_within_one_app() {
    check(
        "
        start open                          | started; quiet
        chat: 'one' tagged vol button yes   | #1
        mail: 'two' tagged vol              | #2
        chat: 'three' tagged vol button no  | #1
        rows                                | #1 held 'three' edited 1x; #2 held 'two'
        act #1 yes                          | no: bbb has no action \"yes\"
        fake: 'four' tagged vol             | #3
        fake.2: 'five' tagged vol           | #4
        fake.2 leaves                       |
        fake: 'six' tagged vol              | #4
        ",
    );
}

#[test]
fn check_18_another_connection_whose_tag_is_taken_over_waits_no_more() {
    check(
        "
        start open                  | started; quiet
        chat: 'one' tagged vol      | #1
        chat: 'two' tagged vol      | #1
        chat.2: 'three' tagged vol  | chat hears #1 closed: undefined; #1
        chat.2 leaves               |
        chat.3: 'four' tagged vol   | #1
        chat.3 closes #1            | ok; chat.3 hears #1 closed: by call
        ",
    );
}

#[test]
fn check_18_feedback_of_a_tag_is_one_row_while_it_is_on_the_screen() {
    check(
        "
        start open                          | started; quiet
        sound: '10 %' feedback tagged vol   | #1; shows '10 %'
        sound: '20 %' feedback tagged vol   | #1
        renderer shows                      | shows '20 %' in place of r1
        renderer shows-as r1                |
        sound.2: '30 %' feedback tagged vol | sound hears #1 closed: undefined; #1; shows '30 %' in place of r1
        rows                                | #1 passed '30 %' edited 2x
        ledger                              | 0 + 0 = 0, 1 feedback
        ",
    );
}

#[test]
fn check_18_the_users_rule_comes_before_feedback() {
    check(
        "
        rule sound mute               |
        rule chat hold                |
        rule mail pass                |
        chat: '1 %' feedback          | #1; shows '1 %'
        sound: '2 %' feedback         | #2; sound hears #2 closed: dismissed
        start open                    | started; quiet
        chat: '3 %' feedback          | #3
        sound: '4 %' feedback         | #4; sound hears #4 closed: dismissed
        mail: '5 %' feedback          | #5; shows '5 %'
        rows    | #1 passed '1 %'; #2 muted '2 %'; #3 held '3 %'; #4 muted '4 %'; #5 passed '5 %'
        ledger  | 0 + 3 = 1 held + 2 muted, 2 feedback
        ",
    );
}

#[test]
fn check_18_a_rule_that_comes_later_holds_for_feedback_on_the_screen_too() {
    check(
        "
        start open                         | started; quiet
        sound: '1 %' feedback tagged vol   | #1; shows '1 %'
        renderer shows                     |
        rule sound hold                    |
        sound: '2 %' feedback tagged vol   | closes r1; #1
        sound: '3 %' feedback tagged vol   | #1
        rows    | #1 passed '1 %'; #1 held '3 %' edited 1x
        ledger  | 0 + 1 = 1 held, 1 feedback
        ",
    );
}

#[test]
fn check_19_a_transient_one_expires_from_its_arrival() {
    check(
        "
        start open                       | started; quiet
        chat: 'now' transient lasting 5s | #1
        chat: 'soon' transient           | #2
        chat: 'kept' transient staying   | #3
        wait 4s                          |
        wait 1s                          | chat hears #1 closed: expired
        wait 5s                          | chat hears #2 closed: expired
        wait 9h
        rows     | #1 expired 'now'; #2 expired 'soon'; #3 held 'kept'
        ledger   | 1 + 0 = 1 held
        ",
    );
}

#[test]
fn check_19_an_edit_gives_a_transient_one_its_time_anew() {
    check(
        "
        start open                               | started; quiet
        chat: 'one' transient lasting 5s         | #1
        wait 4s                                  |
        chat: 'two' for #1 transient lasting 5s  | #1
        wait 4s                                  |
        wait 1s                                  | chat hears #1 closed: expired
        chat: 'three' transient lasting 5s       | #2
        chat: 'four' for #2                      | #2
        wait 1h                                  |
        rows  | #1 expired 'two' edited 1x; #2 held 'four' edited 1x
        chat: 'five' for #2 transient lasting 5s | #2
        wait 5s                                  | chat hears #2 closed: expired
        ",
    );
}

#[test]
fn check_21_a_critical_one_is_held_like_any_other() {
    check(
        "
        start open                     | started; quiet
        browser: 'URGENT' critical     | #1
        rows                           | #1 held 'URGENT'
        ",
    );
}

#[test]
fn the_safe_list_passes_by_the_program_that_runs() {
    check(
        "
        start open          | started; quiet
        power: 'battery low'| #1; shows 'battery low'
        fake: 'battery low' | #2
        ",
    );
}

#[test]
fn a_rule_decides_before_the_gate_does() {
    check(
        "
        rule chat mute    |
        rule mail pass    |
        rule power hold   |
        chat: 'one'       | #1; chat hears #1 closed: dismissed
        power: 'open'     | #2; shows 'open'
        start open        | started; quiet
        chat: 'two'       | #3; chat hears #3 closed: dismissed
        mail: 'three'     | #4; shows 'three'
        power: 'four'     | #5
        ledger            | 0 + 5 = 1 held + 2 passed + 2 muted
        ",
    );
}

#[test]
fn an_app_that_asks_for_quiet_closes_the_gate_until_it_takes_it_back_or_leaves() {
    check(
        "
        slides asks-for-quiet  | cookie 1; quiet
        video asks-for-quiet   | cookie 2
        chat: 'one'            | #1
        chat takes-back 1      | ok
        slides takes-back 1    | ok
        chat: 'two'            | #2
        video leaves           | 2 of 2 held while slides asked for quiet: 2 chat; not quiet
        chat: 'three'          | #3; shows 'three'
        ",
    );
}

#[test]
fn one_connection_holds_32_cookies_at_most() {
    let asks = "video asks-for-quiet\n".repeat(32);
    check(&format!("{asks} video asks-for-quiet | refused\n slides asks-for-quiet | cookie 33"));
}

#[test]
fn check_51_a_flood_keeps_its_rows_and_loses_the_oldest_texts() {
    let storm = "chat: 'x' | #".to_owned();
    let script: String = (1..=2_000).map(|nth| format!("{storm}{nth}\n")).collect();
    let script = format!(
        "start open | started; quiet
        {script}
        chat: 'one more'  | drops the oldest text of chat; #2001
        mail: 'calm'      | #2002
        ledger            | 0 + 2002 = 2002 held
        done all          | 2002 done
        wait 1s           |
        ledger            | 0 + 2002 = 2002 done
        undo              | 2002 undone
        wait 1s           |
        ledger            | 0 + 2002 = 2002 held"
    );
    check(&script);
}

#[test]
fn a_list_is_another_one_after_whatever_changes_a_held_one() {
    check(
        "
        chat: 'passes'      | #1; shows 'passes'
        chat leaves         |
        list                | same
        start open          | started; quiet
        chat: 'one'         | #2
        list                | another
        list                | same
        chat: 'two' for #2  | #2
        list                | another
        chat leaves         |
        list                | another
        mail leaves         |
        list                | same
        done #2             | 1 done
        undo                | 1 undone
        list                | another
        ",
    );
}

#[test]
fn check_50_a_rule_marked_trusted_never_rests_on_what_a_notification_claims() {
    check(
        "
        rule chat pass-trusted  |
        rule fake pass-trusted  |
        rule home pass-trusted  |
        start open              | started; quiet
        chat: 'recognised'      | #1; shows 'recognised'
        fake: 'only says so'    | #2
        home: 'anybodys file'   | #3
        rule fake pass          |
        fake: 'is believed'     | #4; shows 'is believed'
        end                     | ended with 2 held; not quiet
        ",
    );
}

#[test]
fn names_without_end_are_one_app_from_the_thousandth_on() {
    let many: String = (1..=1_000).map(|nth| format!("claim-name{nth}: 'x'\n")).collect();
    let script = format!(
        "start open
        {many}
        claim-one-more: 'one'   | #1001
        claim-another: 'two'    | #1002
        chat: 'three'           | #1003
        claim-name7: 'four'     | #1004
        done of :others     | 2 done
        done of chat        | 1 done
        done of name7       | 2 done
        wait 31s
        claim-one-more: 'five'  | #1005
        done of one-more    | 1 done
        "
    );
    check(&script);
}
