//! The order of the digest: by app, then by conversation, each where its first one came in, so that what comes in later
//! never moves what is there. Must not know what the rows say.

use super::NAME;
use super::text::line;
use std::collections::HashMap;
use tidegate_contract::{Digest, DigestApp};
use tidegate_domain::Model;
use tidegate_domain::ports::{HeldApp, HeldLine};

/// All that is held. `apps` are in any order, their rows in that of arrival.
#[must_use]
pub fn digest_order(model: &Model, apps: Vec<HeldApp>) -> Digest {
    let (mut here, mut later) = (Vec::new(), Vec::new());
    for HeldApp { app: app_id, lines } in apps {
        let (put_off, stay): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| model.marks_later(line.put_off));
        let app = line(model.held_app_name(&app_id), NAME);
        here.extend(group(&app_id, &app, &stay));
        later.extend(group(&app_id, &app, &put_off));
    }
    Digest { held_revision: model.held_revision(), apps: by_first(here), later: by_first(later) }
}

fn group(app_id: &str, app: &str, lines: &[HeldLine]) -> Option<DigestApp> {
    if lines.is_empty() {
        return None;
    }
    Some(DigestApp { app_id: app_id.to_owned(), app: app.to_owned(), conversations: conversations(lines) })
}

/// One whose conversation is not known stands for itself.
fn conversations(lines: &[HeldLine]) -> Vec<Vec<i64>> {
    let mut found: Vec<Vec<i64>> = Vec::new();
    let mut places: HashMap<i64, usize> = HashMap::new();
    for line in lines {
        let place = line.conversation.map(|conversation| *places.entry(conversation).or_insert(found.len()));
        match place.and_then(|place| found.get_mut(place)) {
            Some(seqs) => seqs.push(line.seq.0),
            None => found.push(vec![line.seq.0]),
        }
    }
    found
}

fn by_first(mut apps: Vec<DigestApp>) -> Vec<DigestApp> {
    apps.sort_by_key(|app| app.conversations.first().and_then(|seqs| seqs.first()).copied());
    apps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::{World, app, content};
    use tidegate_domain::{BlockLength, Command, Interruption, Target};

    fn world() -> World {
        let mut world = World::new();
        world.command(Command::Start { length: BlockLength::Open, intention: None }, Vec::new());
        world
    }

    fn arrive(world: &mut World, app_name: &str, summary: &str) -> Interruption {
        world.notify(app(app_name, "/usr/bin/x"), content(summary, ""))
    }

    fn order(world: &World) -> Digest {
        let mut apps: Vec<HeldApp> = Vec::new();
        for row in &world.rows {
            match apps.iter_mut().find(|held| held.app == row.app.id) {
                Some(held) => held.lines.push(HeldLine::of(row)),
                None => apps.push(HeldApp { app: row.app.id.clone(), lines: vec![HeldLine::of(row)] }),
            }
        }
        digest_order(&world.model, apps)
    }

    fn shape(apps: &[DigestApp]) -> Vec<(&str, &[Vec<i64>])> {
        apps.iter().map(|app| (app.app.as_str(), app.conversations.as_slice())).collect()
    }

    #[test]
    fn apps_and_conversations_stand_where_their_first_one_came_in() {
        let mut world = world();
        for (app, summary) in
            [("Slack", "Team"), ("Mail", "Invoice"), ("Slack", "Maya"), ("Slack", "Team (2)"), ("Mail", "Re: plan")]
        {
            arrive(&mut world, app, summary);
        }
        let digest = order(&world);
        let slack: &[Vec<i64>] = &[vec![1, 4], vec![3]];
        let mail: &[Vec<i64>] = &[vec![2], vec![5]];
        assert_eq!(shape(&digest.apps), [("Slack", slack), ("Mail", mail)]);
        assert_eq!(digest.later, []);
        assert_eq!(digest.held_revision, world.model.held_revision());
    }

    #[test]
    fn what_is_put_off_is_apart_until_the_next_digest() {
        let mut world = world();
        let first = arrive(&mut world, "Slack", "Team");
        arrive(&mut world, "Slack", "Team");
        world.command(Command::Later(Target::Ids(vec![first.id])), vec![first]);
        world.rows.sort_by_key(|row| row.seq);
        let digest = order(&world);
        let (here, later): (&[Vec<i64>], &[Vec<i64>]) = (&[vec![2]], &[vec![1]]);
        assert_eq!((shape(&digest.apps), shape(&digest.later)), (vec![("Slack", here)], vec![("Slack", later)]));
        world.command(Command::CheckInNow, Vec::new());
        let both: &[Vec<i64>] = &[vec![1, 2]];
        assert_eq!(shape(&order(&world).apps), [("Slack", both)]);
    }

    #[test]
    fn rows_whose_conversation_is_unknown_stand_alone() {
        let line = |seq| HeldLine { seq: tidegate_domain::Seq(seq), put_off: None, conversation: None };
        assert_eq!(conversations(&[line(1), line(2)]), [[1], [2]]);
    }
}
