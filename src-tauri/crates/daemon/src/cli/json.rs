//! JSON as scripts read it: beside each id of an interruption the short one that people read and type, and nothing that a
//! terminal obeys. Must not know what it is about.

use super::failure;
use super::id::Id;
use super::paper::harmless_json;
use serde::Serialize;
use serde_json::Value;
use tidegate_contract::{Code, Failure};

/// A value in one line, without the line's end.
///
/// # Errors
/// What has no place in JSON.
pub(super) fn text<T: Serialize>(value: &T) -> Result<String, Failure> {
    let mut value = serde_json::to_value(value).map_err(|error| failure(Code::Internal, &error.to_string()))?;
    name_ids(&mut value);
    Ok(harmless_json(&value.to_string()))
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
    fn nothing_in_it_drives_a_terminal() {
        assert_eq!(text(&"a\u{1b}[2J\u{9b}").unwrap(), r#""a\u001b[2J\u009b""#);
    }
}
