//! What is looked for, in the language of the search index. Must not know the rows.

use crate::cause::Cause;
use crate::grams::sequence;
use crate::vocabulary::Vocabulary;
use rusqlite::Connection;

/// A word is looked for in about so many spellings at most.
const SPELLINGS: usize = 8;

/// Every word as the beginning of one, whatever signs are in it; where words stand without spaces, anywhere in the text.
pub(crate) fn expression(connection: &Connection, words: &[String]) -> Result<String, Cause> {
    let said: Vec<_> = words.iter().filter(|word| word.chars().any(char::is_alphanumeric)).collect();
    if said.is_empty() {
        return Ok(words.iter().map(|word| beginning(word)).collect::<Vec<_>>().join(" "));
    }
    let vocabulary = Vocabulary::open(connection)?;
    let said = said.into_iter().map(|word| any_spelling(&vocabulary, word));
    Ok(said.collect::<Result<Vec<_>, _>>()?.join(" AND "))
}

fn any_spelling(vocabulary: &Vocabulary<'_>, word: &str) -> Result<String, Cause> {
    let mut found = Vec::new();
    for spelling in spellings(word) {
        if let Some((words, begins)) = sequence(&spelling) {
            found.push(if begins { beginning(&words) } else { quoted(&words) });
            continue;
        }
        match vocabulary.words_beginning(&spelling)? {
            Some(words) => found.extend(words.iter().map(|word| quoted(word))),
            None => found.push(beginning(&spelling)),
        }
    }
    if found.is_empty() {
        found.push(beginning(word));
    }
    Ok(format!("({})", found.join(" OR ")))
}

fn beginning(word: &str) -> String {
    format!("{}*", quoted(word))
}

fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}

/// The index folds case and accents, but tells ß from ss: a word with either is looked for as both. A last s may be half
/// of one.
fn spellings(word: &str) -> Vec<String> {
    let plain = word.to_lowercase().replace('ß', "ss");
    let mut parts = plain.split("ss");
    let mut spelt = vec![parts.next().unwrap_or_default().to_owned()];
    for part in parts {
        let both = |before: &String| [format!("{before}ss{part}"), format!("{before}ß{part}")];
        let kept = if spelt.len() < SPELLINGS { 2 } else { 1 };
        spelt = spelt.iter().flat_map(|before| both(before).into_iter().take(kept)).collect();
    }
    let halves: Vec<_> = spelt.iter().filter_map(|word| Some(format!("{}ß", word.strip_suffix('s')?))).collect();
    spelt.extend(halves);
    spelt
}
