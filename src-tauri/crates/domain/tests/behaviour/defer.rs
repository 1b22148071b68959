//! Later: what is put off stays held, apart from the rest, until the next digest.

use crate::play::check;

#[test]
fn what_is_put_off_comes_back_with_the_next_digest() {
    check(
        "
        start 150    | started until Mon 11:30; quiet
        chat: 'one'  | #1
        mail: 'two'  | #2
        list         | another
        later #1     | 1 later, Mon 11:30
        list         | another
        later?       | 1
        ledger       | 0 + 2 = 2 held
        list         | same
        at 11:30     | digest since Mon 09:00: 1 chat 1 mail; 0 + 2 = 2 held; another 150?; not quiet
        later?       | 0
        list         | another
        ",
    );
}

#[test]
fn all_leaves_out_what_is_put_off() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        chat: 'two'  | #2
        mail: 'six'  | #3
        later #2     | 1 later, Mon 11:30
        release all  | releasing 2
        wait 250ms   | shows 'one'
        renderer shows |
        wait 250ms   | shows 'six', silently
        renderer shows |
        wait 10s     |
        done all     | 0 done
        rows         | #1 released 'one'; #2 held 'two'; #3 released 'six'
        later?       | 1
        ",
    );
}

#[test]
fn one_app_is_put_off_released_or_done_as_a_whole() {
    check(
        "
        start open    | started; quiet
        chat: 'one'   | #1
        mail: 'two'   | #2
        chat: 'three' | #3
        later of chat | 2 later, Mon 11:30
        later?        | 2
        later of chat | 0 later, Mon 11:30
        done of chat  | 0 done
        release of chat | releasing 0
        done of mail  | 1 done
        undo          | 1 undone
        undo          | 2 undone
        later?        | 0
        release of chat | releasing 2
        wait 250ms    | shows 'one'
        renderer shows |
        wait 250ms    | shows 'three', silently
        renderer shows |
        wait 10s      |
        rows          | #1 released 'one'; #2 held 'two'; #3 released 'three'
        done of nobody | 0 done
        ",
    );
}

#[test]
fn later_takes_a_done_back_while_that_can_be_undone() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        done #1      | 1 done
        later #1     | 1 later, Mon 11:30
        rows         | #1 held 'one'
        undo         | 1 undone
        later?       | 0
        undo         | no: there is nothing to undo
        done #1      | 1 done
        wait 31s     | chat hears #1 closed: dismissed
        later #1     | no: bbb is not held: it is done
        ",
    );
}

#[test]
fn undo_brings_back_what_one_command_put_off_and_no_more() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        chat: 'two'  | #2
        later #1     | 1 later, Mon 11:30
        later all    | 1 later, Mon 11:30
        later?       | 2
        undo         | 1 undone
        later?       | 1
        undo #1      | 1 undone
        later?       | 0
        ",
    );
}

#[test]
fn what_is_put_off_can_be_dealt_with_like_the_rest() {
    check(
        "
        start open   | started; quiet
        chat: 'one' button default | #1
        chat: 'two'  | #2
        chat: 'six'  | #3
        later all    | 3 later, Mon 11:30
        act #1       | chat hears #1 pressed: default; chat hears #1 closed: dismissed; acted: default
        done #2      | 1 done
        undo         | 1 undone
        later?       | 1
        chat closes #3 | ok; chat hears #3 closed: by call
        later?       | 0
        ",
    );
}

#[test]
fn it_survives_a_restart() {
    check(
        "
        start open    | started; quiet
        chat: 'one'   | #1
        chat: 'two'   | #2
        later #2      | 1 later, Mon 11:30
        restart alone |
        later?        | 1
        done all      | 1 done
        rows          | #1 done 'one'; #2 held 'two'
        check-in      | digest since Mon 09:00: 1 chat; 0 + 2 = 1 held + 1 done; checked in with 1 held
        later?        | 0
        restart alone | digest since Mon 09:00: 1 chat; 0 + 2 = 1 held + 1 done
        later?        | 0
        ",
    );
}

#[test]
fn more_than_a_page_is_put_off_and_brought_back_together() {
    let arrive: String = (0..250).map(|nth| format!("chat: 'text {nth}'\n")).collect();
    check(&format!(
        "
        start open   | started; quiet
        mail: 'one'  | #1
        later #1     | 1 later, Mon 11:30
        {arrive}
        later of chat | 250 later, Mon 11:30
        wait 1s      |
        later?       | 251
        undo         | 250 undone
        wait 1s      |
        later?       | 1
        "
    ));
}

#[test]
fn a_command_on_many_waits_for_the_one_before_it_and_neither_is_lost() {
    let arrive = |app: &str| (0..250).map(|nth| format!("{app}: 'text {nth}'\n")).collect::<String>();
    let (chat, mail) = (arrive("chat"), arrive("mail"));
    check(&format!(
        "
        start open   | started; quiet
        {chat}
        {mail}
        news: 'six'  | #501
        later of chat | 250 later, Mon 11:30
        later of mail | 250 later, Mon 11:30
        later of news | 1 later, Mon 11:30
        undo         | 1 undone
        restart alone |
        wait 1s      |
        later?       | 500
        done all     | 1 done
        "
    ));
}

#[test]
fn what_was_answered_for_many_is_done_though_the_process_ends_in_the_middle() {
    let arrive: String = (0..350).map(|nth| format!("chat: 'text {nth}'\n")).collect();
    check(&format!(
        "
        start open    | started; quiet
        {arrive}
        done all      | 350 done
        restart alone |
        wait 1s       |
        ledger        | 0 + 350 = 350 done
        "
    ));
}

#[test]
fn a_check_in_releases_the_apps_whose_user_wants_that() {
    check(
        "
        hand-over chat re-deliver |
        hand-over mail silent     |
        start 150    | started until Mon 11:30; quiet
        mail: 'one'  | #1
        chat: 'two'  | #2
        news: 'six'  | #3
        later #2     | 1 later, Mon 11:30
        at 11:30     | digest since Mon 09:00: 1 news, 2 released; 0 + 3 = 3 held; another 150?; not quiet; shows 'two'
        renderer shows |
        wait 250ms   | shows 'one', silently
        renderer shows |
        wait 10s     |
        ledger       | 3 + 0 = 1 held + 2 released
        ",
    );
}

#[test]
fn without_a_renderer_they_stay_in_the_digest() {
    check(
        "
        hand-over chat re-deliver |
        renderer leaves |
        start 150    | started until Mon 11:30; quiet
        chat: 'two'  | #1
        at 11:30     | digest since Mon 09:00: 1 chat; 0 + 1 = 1 held; another 150?; not quiet
        ",
    );
}

#[test]
fn commands_on_many_that_pile_up_are_refused_until_some_are_through() {
    let arrive: String = (0..250).map(|nth| format!("chat: 'text {nth}'\n")).collect();
    let pile_up = "later of chat\nundo\n".repeat(8);
    check(&format!(
        "
        start open
        {arrive}
        {pile_up}
        later of chat | no: earlier commands on many are still being carried out; try again in a moment
        done all      | no: earlier commands on many are still being carried out; try again in a moment
        wait 1s
        later?        | 0
        later of chat | 250 later, Mon 11:30
        "
    ));
}
