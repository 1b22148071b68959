//! The order of the digest: by app, then by conversation, each where its first one came in, so that what comes in later
//! never moves what is there; and what apps took back, by app. Must not know what the rows say.

use super::NAME;
use super::item::item;
use tidegate_contract::{self as contract, Digest, DigestApp, Withdrawn};
use tidegate_domain::{HeldApp, HeldByConversation, Interruption, Model, Now, WithdrawnApp};
use tidegate_words::raw_line;

/// All that is held.
#[must_use]
pub fn digest_order(model: &Model, held: HeldByConversation) -> Digest {
    let apps = |apps| by_first(model, apps);
    Digest { held_revision: model.held_revision(), apps: apps(held.here), later: apps(held.later) }
}

fn by_first(model: &Model, mut apps: Vec<HeldApp>) -> Vec<DigestApp> {
    apps.sort_by_key(|app| app.conversations.first().and_then(|seqs| seqs.first()).copied());
    apps.into_iter().map(|app| digest_app(model, app)).collect()
}

fn digest_app(model: &Model, HeldApp { app, conversations }: HeldApp) -> DigestApp {
    let conversations = conversations.into_iter().map(|seqs| seqs.into_iter().map(|seq| seq.0).collect());
    DigestApp {
        app_id: app.as_ref().to_owned(),
        app: raw_line(model.held_app_name(&app), NAME),
        conversations: conversations.collect(),
    }
}

/// What apps took back; `rows` are those that are named.
#[must_use]
pub fn withdrawn(model: &Model, apps: Vec<WithdrawnApp>, rows: &[Interruption], now: Now) -> Withdrawn {
    let apps = apps.into_iter().map(|app| withdrawn_app(model, app, rows, now));
    Withdrawn { upto: model.withdrawn_upto(), apps: apps.collect() }
}

fn withdrawn_app(model: &Model, app: WithdrawnApp, rows: &[Interruption], now: Now) -> contract::WithdrawnApp {
    let items = rows.iter().filter(|row| app.seqs.contains(&row.seq)).map(|row| item(model, row, now));
    contract::WithdrawnApp {
        app_id: app.app.as_ref().to_owned(),
        app: raw_line(&app.name, NAME),
        count: app.count,
        items: items.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::fixtures::{World, app, content};
    use tidegate_domain::{BlockLength, Command, Grouping, HeldLine, Interruption, Target};

    fn world() -> World {
        let mut world = World::new();
        world.command(Command::Start { length: BlockLength::Open, intention: None }, Vec::new());
        world
    }

    fn arrive(world: &mut World, app_name: &str, summary: &str) -> Interruption {
        world.notify(app(app_name, "/usr/bin/x"), content(summary, ""))
    }

    fn order(world: &World) -> Digest {
        let mut rows: Vec<_> = world.rows.iter().collect();
        rows.sort_by_key(|row| (&row.app.id, row.seq));
        let mut grouping = Grouping::new(world.model.later_than());
        for row in rows {
            grouping.add(&row.app.id, HeldLine::of(row));
        }
        digest_order(&world.model, grouping.finish())
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
        let digest = order(&world);
        let (here, later): (&[Vec<i64>], &[Vec<i64>]) = (&[vec![2]], &[vec![1]]);
        assert_eq!((shape(&digest.apps), shape(&digest.later)), (vec![("Slack", here)], vec![("Slack", later)]));
        world.command(Command::CheckInNow, Vec::new());
        let both: &[Vec<i64>] = &[vec![1, 2]];
        assert_eq!(shape(&order(&world).apps), [("Slack", both)]);
    }
}
