//! Scripts that are written without spaces between words: a word may begin at any letter of theirs. Must not know what is
//! looked for.

/// Whether it is a letter, or a mark on one, of Chinese, Japanese, Thai, Lao, Burmese or Khmer. Korean has spaces.
#[must_use]
pub fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}' // Thai
        | '\u{e81}'..='\u{ece}' | '\u{edc}'..='\u{edf}' // Lao
        | '\u{1000}'..='\u{103f}' | '\u{1050}'..='\u{108f}' // Burmese
        | '\u{1780}'..='\u{17b3}' | '\u{17b6}'..='\u{17d3}' | '\u{17d7}' | '\u{17dc}'..='\u{17dd}' // Khmer
        | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3031}'..='\u{3035}' | '\u{303b}'..='\u{303c}'
        | '\u{3041}'..='\u{3096}' | '\u{3099}'..='\u{309a}' | '\u{309d}'..='\u{309f}' // Hiragana
        | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' // Katakana
        | '\u{3105}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}' // Bopomofo
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' // Han
    )
}

#[cfg(test)]
mod tests {
    use super::is_unspaced;

    #[test]
    fn letters_of_scripts_without_spaces_are_told_from_all_others() {
        for text in
            ["今日の会議は三時から", "ヂーラﾃｽﾄ々〇", "項目会议", "ประชุมตอนบ่ายสามโมง", "ກອງປະຊຸມ", "កិច្ចប្រជុំ", "အစည်းအဝေး"]
        {
            assert!(text.chars().all(is_unspaced), "{text}");
        }
        for text in ["Sitzung", "встреча", "회의", "اجتماع", "बैठक", "12๑២", " 、。「」！", "é\u{301}😀"]
        {
            assert!(!text.chars().any(is_unspaced), "{text}");
        }
    }
}
