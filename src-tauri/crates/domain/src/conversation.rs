//! Which rows of one app are one conversation: those whose summaries say the same room, person or subject. Must not know
//! how they are listed.

/// A number for the conversation that a summary stands for: chat apps put the room or the person there, mail the subject.
/// Stored, so it must never change: FNV-1a of 64 bits over what is left without blanks around it and without a count in
/// brackets at its end.
#[must_use]
pub fn conversation(summary: &str) -> i64 {
    let hash = conversation_name(summary)
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash.cast_signed()
}

/// What a conversation is called: "Team (3)" is the same as "Team" and "Team (4)".
#[must_use]
pub fn conversation_name(summary: &str) -> &str {
    let summary = summary.trim();
    let counted = summary.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    match counted {
        Some((name, count)) if !count.is_empty() && count.bytes().all(|c| c.is_ascii_digit()) => name.trim_end(),
        _ => summary,
    }
}

#[cfg(test)]
mod tests {
    use super::conversation;

    #[test]
    fn a_conversation_is_the_summary_without_its_count() {
        for same in [" Team ", "Team (3)", "Team (12) ", "Team(1)"] {
            assert_eq!(conversation(same), conversation("Team"), "{same}");
        }
        for other in ["Team (a)", "Team ()", "team", "Team 3", ""] {
            assert_ne!(conversation(other), conversation("Team"), "{other}");
        }
    }

    #[test]
    fn its_number_is_the_same_in_every_version() {
        assert_eq!(conversation(""), 0xcbf2_9ce4_8422_2325_u64.cast_signed());
        assert_eq!(conversation("a"), 0xaf63_dc4c_8601_ec8c_u64.cast_signed());
    }
}
