//! Activation tokens of the renderer, until the action that each belongs to comes. Must not know what they open.

use std::collections::BTreeMap;

/// So many wait: a token is followed by its action at once.
const MOST: usize = 16;

/// By the renderer's id.
#[derive(Default)]
pub(super) struct Tokens(BTreeMap<u32, String>);

impl Tokens {
    /// An empty token is none: some renderers send one before every action.
    pub(super) fn keep(&mut self, id: u32, token: String) {
        if token.is_empty() {
            return;
        }
        if self.0.len() >= MOST {
            self.0.pop_first();
        }
        self.0.insert(id, token);
    }

    pub(super) fn take(&mut self, id: u32) -> Option<String> {
        self.0.remove(&id)
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_one_action_and_an_empty_one_is_none() {
        let mut tokens = Tokens::default();
        tokens.keep(7, "first".into());
        tokens.keep(7, String::new());
        tokens.keep(8, String::new());
        assert_eq!((tokens.take(7), tokens.take(7), tokens.take(8)), (Some("first".into()), None, None));
    }

    #[test]
    fn a_renderer_that_sends_tokens_without_actions_has_only_so_many_kept() {
        let mut tokens = Tokens::default();
        (0..1_000).for_each(|id| tokens.keep(id, "token".into()));
        assert_eq!(tokens.0.len(), MOST);
        assert!(tokens.take(999).is_some() && tokens.take(0).is_none());
    }
}
