//! JSON as scripts read it: messages in words, beside each id of an interruption the short one that people read and type,
//! and nothing that a terminal obeys. Must not know what it is about.

use super::id::Id;
use super::paper::{clock, harmless_json};
use super::{failure, words_of};
use serde::Serialize;
use serde_json::Value;
use tidegate_contract::{Code, Failure, Message};
use tidegate_words::{Catalogue, say};

/// A value in one line, without the line's end.
///
/// # Errors
/// What has no place in JSON.
pub(super) fn text<T: Serialize>(value: &T) -> Result<String, Failure> {
    let no_json = |error| failure(Code::Internal, say::failure_said(words_of(&error)));
    let mut value = serde_json::to_value(value).map_err(no_json)?;
    let clock = clock();
    word(&mut value, &Catalogue::new(&clock));
    name_ids(&mut value);
    Ok(harmless_json(&value.to_string()))
}

fn word(value: &mut Value, words: &Catalogue<'_>) {
    if is_message(value)
        && let Ok(message) = serde_json::from_value::<Message>(value.clone())
    {
        *value = words.format(&message).into();
        return;
    }
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|field| word(field, words)),
        Value::Array(values) => values.iter_mut().for_each(|value| word(value, words)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What else has a text for its id has more than that.
fn is_message(value: &Value) -> bool {
    let is_of_one = |(name, _): (&String, &Value)| matches!(name.as_str(), "id" | "args");
    value.get("id").is_some_and(Value::is_string) && value.as_object().is_some_and(|it| it.iter().all(is_of_one))
}

fn name_ids(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(name_ids);
            let id = fields.get("id").and_then(Value::as_u64).and_then(|id| u32::try_from(id).ok());
            if let Some(id) = id {
                fields.insert("short_id".to_owned(), Id(id).to_string().into());
            }
        }
        Value::Array(values) => values.iter_mut().for_each(name_ids),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_id_has_the_short_one_beside_it_however_deep() {
        let all =
            json!({ "items": [{ "id": 1_073_741_825, "app": "a\u{9b}" }], "undoable": { "id": null }, "app_id": 7 });
        let text: Value = serde_json::from_str(&text(&all).unwrap()).unwrap();
        assert_eq!(text["items"][0]["short_id"], "bbc");
        assert_eq!((&text["undoable"], &text["app_id"]), (&json!({ "id": null }), &json!(7)));
    }

    #[test]
    fn messages_are_in_words_however_deep() {
        let all = json!({ "message": say::answer_done(2_u32), "left_out": [{ "message": say::failure_no_block() }] });
        let text: Value = serde_json::from_str(&text(&all).unwrap()).unwrap();
        assert_eq!(text, json!({ "message": "2 done", "left_out": [{ "message": "no block is running" }] }));
    }

    #[test]
    fn nothing_in_it_drives_a_terminal() {
        assert_eq!(text(&"a\u{1b}[2J\u{9b}").unwrap(), r#""a\u001b[2J\u009b""#);
    }
}
