//! CloseNotification, expiry, and the buttons: what a sender hears, and that it hears it once.

use crate::play::check;

#[test]
fn check_22_a_held_one_never_expires() {
    check(
        "
        start open                   | started; quiet
        chat: 'one' lasting 5s       | #1
        wait 10h
        rows                         | #1 held 'one'
        ",
    );
}

#[test]
fn check_23_a_held_one_that_its_app_closes_is_withdrawn() {
    check(
        "
        start open       | started; quiet
        chat: 'one'      | #1
        chat closes #1   | ok; chat hears #1 closed: by call
        chat closes #1   | ok
        ledger           | 0 + 1 = 1 withdrawn
        release all      | releasing 0
        wait 1s          |
        ",
    );
}

#[test]
fn check_24_a_released_one_that_its_app_closes_goes_from_the_screen() {
    check(
        "
        start open                  | started; quiet
        chat: 'one'                 | #1
        release #1                  | releasing 1
        wait 1s                     | shows 'one'
        renderer shows              |
        chat closes #1              | ok; chat hears #1 closed: by call; closes r1
        renderer closes r1 by-call  |
        rows                        | #1 released 'one'
        ledger                      | 0 + 1 = 1 released
        ",
    );
}

#[test]
fn check_24_one_under_way_goes_from_the_screen_as_soon_as_it_is_there() {
    check(
        "
        chat: 'one'     | #1; shows 'one'
        chat closes #1  | ok; chat hears #1 closed: by call
        renderer shows  | closes r1
        chat: 'two'     | #2; shows 'two'
        chat closes #2  | ok; chat hears #2 closed: by call
        renderer refuses|
        ledger          | 0 + 2 = 1 passed + 1 withdrawn
        ",
    );
}

#[test]
fn check_25_an_unknown_id_is_closed_without_a_word() {
    check(
        "
        chat closes #77  | ok
        chat closes 0    | ok
        ",
    );
}

#[test]
fn check_26_only_its_connection_closes_one_and_its_app_once_that_has_left() {
    check(
        "
        start open        | started; quiet
        chat: 'one'       | #1
        mail closes #1    | ok
        chat.2 closes #1  | ok
        chat leaves       |
        mail closes #1    | ok
        rows              | #1 held 'one'
        chat.2 closes #1  | ok; chat hears #1 closed: by call
        ledger            | 0 + 1 = 1 withdrawn
        ",
    );
}

#[test]
fn check_27_done_is_told_when_it_cannot_be_undone_any_more() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        done #1      | 1 done
        wait 29s     |
        wait 1s      | chat hears #1 closed: dismissed
        wait 10m     |
        ledger       | 0 + 1 = 1 done
        ",
    );
}

#[test]
fn check_27_a_done_one_is_told_after_a_restart_too() {
    check(
        "
        start open     | started; quiet
        chat: 'one'    | #1
        done #1        | 1 done
        restart relay  |
        wait 1m        | chat hears #1 closed: dismissed
        ",
    );
}

#[test]
fn done_can_be_undone_for_thirty_seconds() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        chat: 'two'  | #2
        done #1 #2   | 2 done
        wait 29s     |
        undo         | 2 undone
        rows         | #1 held 'one'; #2 held 'two'
        done #1      | 1 done
        wait 30s     | chat hears #1 closed: dismissed
        undo         | no: bbb cannot be undone any more
        undo         | no: there is nothing to undo
        undo #2      | no: bbc cannot be undone any more
        done #2      | 1 done
        lapse 30s    |
        undo #2      | no: bbc cannot be undone any more
        chat: 'three'| #3
        done all     | 1 done
        lapse 30s    |
        undo         | no: bbd cannot be undone any more
        ",
    );
}

#[test]
fn one_of_several_can_be_undone_by_its_id() {
    check(
        "
        start open   | started; quiet
        chat: 'one'  | #1
        chat: 'two'  | #2
        done all     | 2 done
        undo #1      | 1 undone
        rows         | #1 held 'one'; #2 done 'two'
        undo         | 1 undone
        rows         | #1 held 'one'; #2 held 'two'
        ",
    );
}

#[test]
fn a_done_one_that_its_app_closes_is_closed_once() {
    check(
        "
        start open      | started; quiet
        chat: 'one'     | #1
        done #1         | 1 done
        chat closes #1  | ok; chat hears #1 closed: by call
        wait 1m         |
        ledger          | 0 + 1 = 1 done
        ",
    );
}

#[test]
fn check_28_a_timeout_starts_when_it_is_shown() {
    check(
        "
        start open                  | started; quiet
        chat: 'one' lasting 5s      | #1
        wait 1h                     |
        release #1                  | releasing 1
        wait 0s                     | shows 'one'
        renderer shows              |
        wait 1m                     |
        renderer closes r1 expired  | chat hears #1 closed: expired
        ",
    );
}

#[test]
fn check_22_a_script_that_waits_for_its_own_time_out_goes_on_and_its_row_stays_held() {
    check(
        "
        start open                                  | started; quiet
        fake: 'suspending' lasting 5s button stop   | #1
        fake.2: 'left' lasting 5s button stop       | #2
        fake.2 leaves                               |
        fake.3: 'for ever' staying button stop      | #3
        fake.3: 'as you like' button stop           | #4
        chat: 'one' lasting 5s button stop          | #5
        home: 'two' lasting 5s button stop          | #6
        wait 4s                                     |
        wait 1s                                     | fake hears #1 closed: expired
        wait 1h                                     |
        ledger                                      | 0 + 6 = 6 held
        act #1 stop | no: bbb has nobody to hear it: its script went on when its own time-out ended
        act #2 stop | no: fake is not running any more; open it instead
        act #5 stop | chat hears #5 pressed: stop; chat hears #5 closed: dismissed; acted: stop
        ",
    );
}

#[test]
fn check_22_a_script_waits_through_a_restart() {
    check(
        "
        start open                                  | started; quiet
        fake: 'suspending' lasting 5s button stop   | #1
        chat: 'one' lasting 5s                      | #2
        wait 4s                                     |
        restart relay                               |
        wait 1s                                     | fake hears #1 closed: expired
        fake: 'again' lasting 5s                    | #4097
        lapse 10s                                   |
        restart relay | fake hears #4097 closed: expired
        wait 0s |
        wait 1h                                     |
        restart relay                               |
        wait 1h                                     |
        rows | #1 held 'suspending'; #2 held 'one'; #4097 held 'again'
        ",
    );
}

#[test]
fn check_22_what_a_script_left_held_is_released_done_undone_and_edited_like_any_other() {
    check(
        "
        start open                                | started; quiet
        fake: 'one' lasting 5s button stop        | #1
        fake: 'two' lasting 5s                    | #2
        fake: 'three' lasting 5s                  | #3
        wait 5s    | fake hears #1 closed: expired; fake hears #2 closed: expired; fake hears #3 closed: expired
        release #1                                | releasing 1
        wait 0s                                   | shows 'one'
        renderer shows                            |
        renderer presses r1 stop                  | closes r1; opens the window
        renderer presses r1 stop to-all           |
        release #1                                | releasing 1
        wait 1s                                   | shows 'one'
        renderer shows                            |
        undo                                      | closes r2; 1 undone
        release #1                                | releasing 1
        wait 1s                                   | shows 'one'
        renderer shows                            |
        renderer closes r3 dismissed              |
        done #2                                   | 1 done
        undo                                      | 1 undone
        done all                                  | 2 done
        undo                                      | 2 undone
        done #2                                   | 1 done
        wait 1m                                   |
        fake: 'three anew' for #3 lasting 5s      | #3
        wait 5s                                   | fake hears #3 closed: expired
        fake closes #3                            | ok
        fake closes #3                            | ok
        rows   | #1 released 'one'; #2 done 'two'; #3 withdrawn 'three anew' edited 1x
        ledger | 0 + 3 = 1 withdrawn + 1 released + 1 done
        ",
    );
}

#[test]
fn check_22_what_a_script_left_held_is_one_row_wherever_it_is_when_it_is_edited() {
    check(
        "
        start open                        | started; quiet
        fake: 'one' lasting 5s            | #1
        fake: 'two' lasting 5s            | #2
        wait 5s                           | fake hears #1 closed: expired; fake hears #2 closed: expired
        release #1                        | releasing 1
        wait 0s                           | shows 'one'
        fake: 'one!' for #1     | #1
        renderer shows                    | shows 'one!' in place of r1, silently
        renderer shows-as r1              |
        done #2                           | 1 done
        fake: 'two!' for #2           | #2
        undo                              | no: bbc cannot be undone any more
        rows | #1 released 'one!' edited 1x; #2 done 'two'; #2 held 'two!'
        fake: 'three' lasting 5s          | #3
        wait 5s                           | fake hears #3 closed: expired
        release #3                        | releasing 1
        wait 0s                           | shows 'three'
        renderer shows-as r2              |
        fake: 'three!' for #3        | #3; shows 'three!' in place of r2
        renderer shows-as r2              |
        renderer leaves                   |
        renderer comes                    |
        done #1 #2                        | 2 done
        rows | #1 done 'one!' edited 1x (RendererRestarted); #2 done 'two'; #2 done 'two!'; #3 held 'three!' edited 1x (RendererRestarted)
        ",
    );
}

#[test]
fn check_29_after_closed_an_id_is_dead() {
    check(
        "
        chat: 'one' button yes         | #1; shows 'one'
        renderer shows                 |
        renderer closes r1 dismissed   | chat hears #1 closed: dismissed
        renderer presses r1 yes        |
        renderer closes r1 dismissed   |
        renderer closes r1 undefined   |
        act #1 yes                     | no: bbb is closed: its app does not listen any more
        ",
    );
}

#[test]
fn check_30_a_sender_that_leaves_changes_nothing_for_a_held_one() {
    check(
        "
        start open            | started; quiet
        chat: 'one' button yes| #1
        chat leaves           |
        rows                  | #1 held 'one'
        act #1 yes            | no: chat is not running any more; open it instead
        release #1            | releasing 1
        wait 0s               | shows 'one'
        ",
    );
}

#[test]
fn check_31_a_press_comes_before_closed_and_once() {
    check(
        "
        start open                      | started; quiet
        chat: 'one' button yes          | #1
        chat: 'two' button yes resident | #2
        act #1 yes  | chat hears #1 pressed: yes; chat hears #1 closed: dismissed; acted: yes
        act #1 yes  | no: bbb is closed: its app does not listen any more
        act #2 yes  | chat hears #2 pressed: yes; acted: yes
        act #2 yes  | chat hears #2 pressed: yes; acted: yes
        rows        | #1 done 'one'; #2 held 'two'
        ",
    );
}

#[test]
fn check_31_a_press_at_the_renderer_carries_its_token() {
    check(
        "
        chat: 'one' button yes        | #1; shows 'one'
        renderer shows                |
        renderer presses r1 yes       | chat hears #1 pressed: yes with token
        renderer closes r1 dismissed  | chat hears #1 closed: dismissed
        renderer presses r1 yes       |
        ",
    );
}

#[test]
fn check_31_an_edit_can_be_pressed_again() {
    check(
        "
        chat: 'one' button yes         | #1; shows 'one'
        renderer shows                 |
        renderer presses r1 yes        | chat hears #1 pressed: yes with token
        chat: 'two' for #1 button no   | #1; shows 'two' in place of r1
        renderer shows-as r1           |
        renderer presses r1 no         | chat hears #1 pressed: no with token
        ",
    );
}

#[test]
fn check_31_each_press_on_a_popup_that_stays_goes_to_its_app() {
    check(
        "
        chat: 'one' button play               | #1; shows 'one'
        renderer shows                        |
        renderer presses r1 play              | chat hears #1 pressed: play with token
        renderer presses r1 play              | chat hears #1 pressed: play with token
        restart relay                         |
        renderer presses r1 play for :gate.1  | chat hears #1 pressed: play with token
        renderer presses r1 play for :gate.1  | chat hears #1 pressed: play with token
        start open                            | started; quiet
        chat: 'two' button play               | #4097
        release all                           | releasing 1
        wait 1s                               | shows 'two'
        renderer shows                        |
        renderer presses r2 play              | chat hears #4097 pressed: play with token
        renderer presses r2 play              | chat hears #4097 pressed: play with token
        mail: 'three' reply                   | #4098
        release all                           | releasing 1
        wait 1s                               | shows 'three'
        renderer shows                        |
        renderer replies r3 'yes'             | mail hears #4098 replied: yes
        renderer replies r3 'no'              | mail hears #4098 replied: no
        act #4097 play  | chat hears #4097 pressed: play; chat hears #4097 closed: dismissed; closes r2; acted: play
        act #4097 play  | no: ngv is closed: its app does not listen any more
        ",
    );
}

#[test]
fn check_33_ids_of_the_renderer_that_are_unknown_are_dropped() {
    check(
        "
        chat: 'one'                         | #1; shows 'one'
        renderer shows                      |
        renderer presses r9 default         |
        renderer closes r9 dismissed        |
        renderer closes r9 dismissed for :x | :x hears id 9 closed: dismissed
        ",
    );
}

#[test]
fn check_33_a_number_that_the_renderer_gives_out_again_is_the_new_popups_alone() {
    check(
        "
        chat: 'one' button yes          | #1; shows 'one'
        renderer shows-as r4            |
        mail: 'two' button yes          | #2; shows 'two'
        renderer shows-as r4            | chat hears #1 closed: undefined
        renderer presses r4 yes         | mail hears #2 pressed: yes with token
        renderer closes r4 dismissed    | mail hears #2 closed: dismissed
        renderer closes r4 dismissed    |
        ",
    );
}

#[test]
fn check_33_a_number_given_out_again_while_the_gate_was_away_is_the_new_popups_alone() {
    check(
        "
        chat: 'one'                     | #1; shows 'one'
        renderer shows-as r1            |
        mail: 'two'                     | #2; shows 'two'
        browser: 'three' button yes     | #3; shows 'three'
        renderer shows-as r1 unheard    |
        renderer shows-as r1 unheard    |
        restart relay                   | chat hears #1 closed: undefined; mail hears #2 closed: undefined
        renderer presses r1 yes         | browser hears #3 pressed: yes with token
        rows                            | #1 passed 'one'; #2 passed 'two'; #3 passed 'three'
        ",
    );
}

#[test]
fn check_35_a_reply_is_told_without_a_press() {
    check(
        "
        start open         | started; quiet
        chat: 'one' reply  | #1
        mail: 'two'        | #2
        mail: 'three' reply | #3
        reply #1 'on my way' | chat hears #1 replied: on my way; chat hears #1 closed: dismissed; replied
        reply #2 'what?'     | no: bbc offers no inline reply
        reply #3 ' '         | no: bbd is answered with a text
        act #3 inline-reply  | no: bbd is answered with a text
        release #3           | releasing 1
        wait 0s              | shows 'three'
        renderer shows       |
        renderer replies r1 'yes' | mail hears #3 replied: yes
        ",
    );
}

#[test]
fn check_36_an_app_that_left_is_said_and_its_notification_stays() {
    check(
        "
        start open                      | started; quiet
        chat: 'one' button yes reply    | #1
        chat leaves                     |
        act #1 yes                      | no: chat is not running any more; open it instead
        act #1                          | no: chat is not running any more; open it instead
        reply #1 'hello'                | no: chat is not running any more; open it instead
        rows                            | #1 held 'one'
        release #1                      | releasing 1
        wait 0s                         | shows 'one'
        renderer shows                  |
        renderer presses r1 yes         | closes r1; opens the window
        rows                            | #1 held 'one'
        ",
    );
}

#[test]
fn check_36_what_passed_an_open_gate_is_not_held_by_a_press_though_its_app_has_left() {
    check(
        "
        chat: 'one' button yes               | #1; shows 'one'
        renderer shows                       |
        chat: 'two' reply                    | #2; shows 'two'
        renderer shows                       |
        chat leaves                          |
        renderer presses r1 yes              |
        renderer replies r2 'hello'          |
        renderer presses r2 inline-reply     |
        rows                                 | #1 passed 'one'; #2 passed 'two'
        start open                           | started; quiet
        renderer presses r1 yes              | closes r1; opens the window
        rows                                 | #1 held 'one'; #2 passed 'two'
        ",
    );
}

#[test]
fn check_36_what_the_renderer_tells_everybody_is_told_everybody_once_its_sender_has_left() {
    check(
        "
        script: 'one' button open            | #1; shows 'one'
        renderer shows                       |
        renderer presses r1 open to-all      | script hears #1 pressed: open with token
        script leaves                        |
        renderer presses r1 open             |
        renderer presses r1 open to-all      | all hear #1 pressed: open with token
        renderer closes r1 dismissed to-all  | all hear #1 closed: dismissed
        renderer closes r1 dismissed to-all  |
        renderer presses r9 open to-all      |
        rows                                 | #1 passed 'one'
        start open                           | started; quiet
        script: 'two' button open            | #2
        release all                          | releasing 1
        wait 1s                              | shows 'two'
        renderer shows                       |
        script leaves                        |
        renderer presses r2 open to-all | closes r2; opens the window; all hear #2 pressed: open with token
        rows                                 | #1 passed 'one'; #2 held 'two'
        ",
    );
}

#[test]
fn check_42_a_press_on_our_reply_button_brings_it_back_to_be_answered() {
    check(
        "
        start open                         | started; quiet
        chat: 'one' reply                  | #1
        release #1                         | releasing 1
        wait 0s                            | shows 'one'
        renderer shows                     |
        renderer presses r1 inline-reply   | closes r1; opens the window
        renderer closes r1 dismissed       |
        rows                               | #1 held 'one'
        reply #1 'hello'                   | chat hears #1 replied: hello; chat hears #1 closed: dismissed; replied
        ledger                             | 0 + 1 = 1 done
        ",
    );
}
