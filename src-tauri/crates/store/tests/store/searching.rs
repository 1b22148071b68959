//! The search of all history: what is found, and that its index follows what is written.

use crate::rows::{Home, app, content, held, insert, revise, settled};
use tidegate_domain::ports::{Archive, Journal};
use tidegate_domain::{Content, Interruption, Origin, Seq, State, Write};

fn about(seq: i64, summary: &str, body: &str) -> Interruption {
    Interruption { content: Content { body: body.into(), ..content(summary) }, ..held(seq) }
}

fn indexed(rows: impl IntoIterator<Item = Interruption>) -> Home {
    let mut home = Home::new();
    home.write(rows.into_iter().map(insert));
    index(&mut home);
    home
}

fn index(home: &mut Home) {
    while home.store.tidy().unwrap() {}
}

fn found(home: &mut Home, text: &str, before: i64, limit: u32) -> Vec<i64> {
    let words: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
    let rows = home.store.search(&words, Seq(before), limit).unwrap();
    rows.into_iter().map(|row| row.seq.0).collect()
}

fn passed(seq: i64) -> Interruption {
    settled(seq, State::Passed)
}

#[track_caller]
fn check(home: &mut Home, text: &str, want: &[i64]) {
    assert_eq!(found(home, text, i64::MAX, 500), want, "{text}");
}

#[test]
fn every_word_must_begin_a_word_of_the_app_or_the_text() {
    let mail = Interruption { app: app("mail"), ..about(2, "Invoice for October", "see <b>page</b> 3") };
    let done = Interruption { content: content("Über die Rechnung"), ..settled(3, State::Done) };
    let mut home = indexed([about(1, "Maya", "the invoice, please"), mail, done]);
    check(&mut home, "invoice", &[2, 1]);
    check(&mut home, "INVO", &[2, 1]);
    check(&mut home, "invoice octo", &[2]);
    check(&mut home, "mail", &[2]);
    check(&mut home, "page 3", &[2]);
    check(&mut home, "uber rech", &[3]);
    check(&mut home, "voice", &[]);
    check(&mut home, "invoice nobody", &[]);
}

#[test]
fn where_words_stand_without_spaces_they_are_found_in_the_middle_of_a_text() {
    let chat = Interruption { app: app("微信"), ..about(4, "项目会议改到下午三点", "") };
    let mut home = indexed([
        about(1, "予定", "今日の会議は三時から"),
        about(2, "Zoom会議30分、本社で", "カレンダー"),
        about(3, "ประชุมตอนบ่ายสามโมง", "Meeting Room 4"),
        chat,
        about(5, "会", "議会と会計"),
    ]);
    check(&mut home, "会議", &[2, 1]);
    check(&mut home, "会議は三時", &[1]);
    check(&mut home, "会議を", &[]);
    check(&mut home, "三時 今日", &[1]);
    check(&mut home, "下午", &[4]);
    check(&mut home, "下午三点", &[4]);
    check(&mut home, "信 议", &[4]);
    check(&mut home, "午下", &[]);
    check(&mut home, "บ่าย", &[3]);
    check(&mut home, "สามโมง", &[3]);
    check(&mut home, "บาย", &[]);
    check(&mut home, "room บ่าย", &[3]);
    check(&mut home, "レンダ", &[2]);
    check(&mut home, "zoom", &[2]);
    check(&mut home, "ZOOM会", &[2]);
    check(&mut home, "zoom会議30", &[2]);
    check(&mut home, "会議3", &[2]);
    check(&mut home, "oom会議", &[]);
    check(&mut home, "会議30分、本", &[2]);
    check(&mut home, "会", &[5, 4, 2, 1]);
    check(&mut home, "計", &[5]);
    check(&mut home, "บ", &[3]);
    check(&mut home, "会\"議", &[]);
}

#[test]
fn what_a_set_of_words_finds_is_the_same_in_memory() {
    let rows = [
        about(1, "予定", "今日の会議は三時から"),
        about(2, "Zoom会議 Größe", "บ่ายสามโมง"),
        about(3, "Invoice", "no. 7"),
    ];
    let mut memory = tidegate_domain::MemoryStore::new();
    memory.begin(true).unwrap();
    rows.iter().cloned().for_each(|row| memory.apply(&insert(row)).unwrap());
    memory.commit().unwrap();
    let mut home = indexed(rows);
    for text in ["会議", "議", "三時 今", "zoom会議", "oom", "สามโมง", "GRÖSSE", "voice", "inv 7", "議は", "定今"]
    {
        let words: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
        let seqs = |rows: Vec<Interruption>| rows.into_iter().map(|row| row.seq.0).collect::<Vec<_>>();
        let in_memory = seqs(memory.search(&words, Seq(i64::MAX), 9).unwrap());
        assert_eq!(found(&mut home, text, i64::MAX, 9), in_memory, "{text}");
    }
}

#[test]
fn feedback_is_found_and_listed_like_any_other() {
    let feedback = |seq, text| Interruption { content: Content { feedback: true, ..content(text) }, ..passed(seq) };
    let own = Interruption { origin: Origin::OurOwn, ..feedback(3, "Volume 3") };
    let mut home = indexed([feedback(1, "Volume 40 %"), about(2, "Volume of orders", ""), own]);
    check(&mut home, "volume", &[2, 1]);
    check(&mut home, "", &[2, 1]);
}

#[test]
fn sharp_s_and_ss_are_the_same() {
    let texts = ["Hauptstraße 5", "HAUPTSTRASSE 6", "Schlossstraße", "Maß und Masse", "GROẞ", "kiosk"];
    let mut home = indexed((1..).zip(texts).map(|(seq, text)| about(seq, text, "")));
    for text in ["hauptstrasse", "Hauptstraße", "HAUPTSTRAẞE", "hauptstras", "hauptstrass", "hauptstraß"] {
        check(&mut home, text, &[2, 1]);
    }
    check(&mut home, "strasse", &[]);
    check(&mut home, "hauptstrasse \"\" 6", &[2]);
    check(&mut home, "schlossstrasse", &[3]);
    check(&mut home, "schloßstraße", &[3]);
    check(&mut home, "mass", &[4]);
    check(&mut home, "gross", &[5]);
    check(&mut home, "groß", &[5]);
    check(&mut home, "kios", &[6]);
    check(&mut home, &"ss".repeat(100), &[]);
    check(&mut home, &"s ".repeat(100), &[3]);
}

#[test]
fn a_beginning_of_few_words_and_of_many_is_found_in_all_of_them() {
    let mut home = indexed((1..=40).map(|seq| about(seq, &format!("Building{seq} of many"), "")));
    let all: Vec<_> = (1..=40).rev().collect();
    for (beginning, count) in [("build", 40), ("building", 40), ("bui", 40), ("building4", 2), ("building40", 1)] {
        let found = found(&mut home, beginning, i64::MAX, 500);
        let want: Vec<_> = all.iter().copied().filter(|seq| format!("building{seq}").starts_with(beginning)).collect();
        assert_eq!((found.len(), found), (count, want), "{beginning}");
    }
    check(&mut home, "building1 build", &[19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 1]);
    check(&mut home, "building41", &[]);
}

#[test]
fn capitals_do_not_matter_in_any_script_nor_accents_in_latin() {
    let texts = ["Привет, Мир", "Ἀθῆναι Αθήνα", "Čeština ÇEVİRİ", "résumé RESUMES", "東京都 会議"];
    let mut home = indexed((1..).zip(texts).map(|(seq, text)| about(seq, text, "")));
    for (text, want) in [("приве", 1), ("ПРИВЕТ МИР", 1), ("ΑΘΉΝ", 2), ("cestin", 3), ("ČEŠTINA", 3), ("resume", 4)]
    {
        check(&mut home, text, &[want]);
    }
    check(&mut home, "résumé's", &[]);
    check(&mut home, "東京都", &[5]);
}

#[test]
fn signs_are_only_signs() {
    let mut home = indexed([about(1, "C++ \"quoted\" (draft) -x", "a*b AND NEAR c:d")]);
    for text in ["\"quoted\"", "(draft", "c++", "AND", "NEAR", "a*b", "-x", "c:d", "{", "^draft"] {
        let seqs = found(&mut home, text, i64::MAX, 10);
        assert!(seqs == [1] || text == "{", "{text}: {seqs:?}");
    }
    check(&mut home, "\"\"\" draft", &[1]);
}

#[test]
fn pages_go_from_new_to_old_and_no_word_finds_all() {
    let own = Interruption { origin: Origin::OurOwn, ..settled(8, State::Passed) };
    let mut home = indexed((1..8).map(held).chain([own]));
    assert_eq!(found(&mut home, "number", i64::MAX, 3), [7, 6, 5]);
    assert_eq!(found(&mut home, "number", 5, 3), [4, 3, 2]);
    assert_eq!(found(&mut home, "", i64::MAX, 3), [7, 6, 5]);
    assert_eq!(found(&mut home, "", 2, 3), [1]);
}

#[test]
fn an_edit_is_found_by_its_new_words_only_and_a_dropped_text_by_none() {
    let mut home = indexed([about(1, "lunch", "noon"), about(2, "dinner", "night")]);
    home.write([revise(about(1, "supper", "evening"), b"raw", 5)]);
    home.write([Write::DropOldestText { app: "chat".into() }]);
    index(&mut home);
    check(&mut home, "lunch", &[]);
    check(&mut home, "supper", &[]);
    check(&mut home, "night", &[2]);
    home.write([revise(about(2, "breakfast", "morning"), b"raw", 6)]);
    index(&mut home);
    check(&mut home, "night", &[]);
    check(&mut home, "breakfast", &[2]);
}

#[test]
fn a_text_that_is_in_memory_only_is_never_indexed() {
    let content = Content { transient: true, ..content("secret") };
    let mut home = indexed([Interruption { content, ..held(1) }, about(2, "plain", "")]);
    check(&mut home, "secret", &[]);
    check(&mut home, "plain", &[2]);
}

#[test]
fn it_is_indexed_in_steps_and_goes_on_after_a_restart() {
    let mut home = Home::new();
    home.write((1..=700).map(|seq| insert(held(seq))));
    assert!(home.store.tidy().unwrap(), "there is more");
    assert_eq!(found(&mut home, "", i64::MAX, 500).first(), Some(&700));
    home.store.read_ahead();
    assert_eq!(found(&mut home, "number", i64::MAX, 500).first(), Some(&400), "one step further");
    assert!(home.store.index_is_behind().unwrap());
    let mut home = home.reopen();
    home.store.load().unwrap();
    index(&mut home);
    assert_eq!(found(&mut home, "number", i64::MAX, 1), [700]);
    assert!(!home.store.tidy().unwrap(), "nothing is left");
    assert!(!home.store.index_is_behind().unwrap());
}

#[test]
fn what_has_just_come_or_changed_is_found_once_the_index_has_read_ahead() {
    let mut home = Home::new();
    home.write([insert(about(1, "lunch", "noon"))]);
    assert!(home.store.index_is_behind().unwrap());
    home.store.read_ahead();
    check(&mut home, "lunch", &[1]);
    assert!(!home.store.index_is_behind().unwrap());
    home.write([revise(about(1, "supper", "evening"), b"raw", 5)]);
    assert!(home.store.index_is_behind().unwrap());
    home.store.read_ahead();
    check(&mut home, "lunch", &[]);
    check(&mut home, "supper", &[1]);
    assert!(!home.store.index_is_behind().unwrap());
}
