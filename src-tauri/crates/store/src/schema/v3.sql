-- Schema 3. Frozen once released, like the schemas before it, whose comments hold here too. The three tables are made anew
-- once more: no CHECK lists the words of an enumeration now, for whoever reads one refuses what they do not know, and the
-- next new word must not make anew what may be 200 MiB. Columns that came since stand where they belong, before the texts.
--
-- New: where each row came from, why one is held that came back, what was snoozed, a body that had to go, and what is
-- over: blocks, periods of the books, absences of the gate.

ALTER TABLE notices RENAME TO notices_v2;
ALTER TABLE bodies RENAME TO bodies_v2;
ALTER TABLE revisions RENAME TO revisions_v2;

CREATE TABLE notices (
    -- Rises with arrival, never used twice. The newest row must therefore never be deleted.
    seq INTEGER PRIMARY KEY,
    id INTEGER NOT NULL CHECK (id BETWEEN 0 AND 4294967295),
    state TEXT NOT NULL,
    arrived_ms INTEGER NOT NULL,
    period INTEGER NOT NULL,
    settled INTEGER,
    due_ms INTEGER,
    -- When it was over for its sender.
    closed_ms INTEGER,
    -- NotificationClosed's own numbers.
    closed_reason INTEGER CHECK (closed_reason BETWEEN 1 AND 4),
    -- When it was last acted on: a button, its default action or a reply, of the text that it has now. How long after it
    -- came that was is acted_ms - arrived_ms. Each is as the clock showed it then: where that was set in between, the
    -- difference is too large or too small by as much, and may be less than nothing.
    acted_ms INTEGER,
    -- The mark of the command that put it off to the next check-in.
    put_off INTEGER,
    -- When one that was put off for some minutes comes back, if no digest comes first.
    snoozed_ms INTEGER,
    -- An app sent it, the user noted it by hand, or it is one of the gate's own.
    origin TEXT NOT NULL,
    revisions INTEGER NOT NULL,
    sender_bus TEXT NOT NULL,
    sender_name TEXT NOT NULL,
    sender_pid INTEGER NOT NULL,
    sender_started INTEGER NOT NULL,
    gate TEXT NOT NULL,
    app_id TEXT NOT NULL,
    app_name TEXT NOT NULL,
    app_proof TEXT NOT NULL,
    app_desktop_entry TEXT,
    app_executable TEXT,
    -- The same number for rows of one app that belong together (domain::ports::conversation); NULL where an earlier
    -- schema did not know.
    conversation INTEGER,
    why TEXT NOT NULL,
    -- Of the app that asked for quiet, or of the safe list's entry.
    why_name TEXT,
    -- Why one is held that came back, whatever it was held or let through for at first.
    came_back TEXT,
    sending_gate TEXT,
    sending_serial INTEGER,
    sending_then TEXT,
    -- The renderer has not answered for so long that its answer is not waited for any more.
    sending_late INTEGER NOT NULL DEFAULT 0 CHECK (sending_late IN (0, 1)),
    shown_by TEXT,
    shown_id INTEGER,
    urgency INTEGER NOT NULL CHECK (urgency BETWEEN 0 AND 2),
    -- NULL: the renderer's default; -1: never.
    timeout_ms INTEGER CHECK (timeout_ms >= -1),
    transient INTEGER NOT NULL CHECK (transient IN (0, 1)),
    resident INTEGER NOT NULL CHECK (resident IN (0, 1)),
    feedback INTEGER NOT NULL CHECK (feedback IN (0, 1)),
    stack_tag TEXT,
    category TEXT,
    -- JSON list; NULL for none.
    remarks TEXT,
    -- Where the text is: here; nowhere, by wish; in the daemon's memory only, because it is transient; gone with that
    -- memory; dropped, because its app sent too many.
    text TEXT NOT NULL,
    -- Length of the stored message body; NULL: there is none.
    raw_bytes INTEGER,
    -- Its body had to go because too much was kept in all, though it was still wanted: what only the body had is lost.
    raw_dropped INTEGER NOT NULL DEFAULT 0 CHECK (raw_dropped IN (0, 1)),
    -- JSON list of [key, label]; NULL for none.
    actions TEXT,
    inline_reply TEXT,
    summary TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;

-- The message as it came, up to 4 MiB: apart from the rows, so that these stay small and it can go before they do.
CREATE TABLE bodies (
    seq INTEGER PRIMARY KEY REFERENCES notices (seq) ON DELETE CASCADE,
    big_endian INTEGER NOT NULL CHECK (big_endian IN (0, 1)),
    raw BLOB NOT NULL
) STRICT;

-- Earlier texts, the last 50 of each row.
CREATE TABLE revisions (
    seq INTEGER NOT NULL REFERENCES notices (seq) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    replaced_ms INTEGER NOT NULL,
    summary TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;

-- Nobody reads gnotification any more: every app may have forgotten a message that an earlier gate took. What an earlier
-- schema had to be guessed to have come back from is looked at once more.
INSERT INTO notices (
    seq, id, state, arrived_ms, period, settled, due_ms, closed_ms, closed_reason, acted_ms, put_off, origin, revisions,
    sender_bus, sender_name, sender_pid, sender_started, gate, app_id, app_name, app_proof, app_desktop_entry,
    app_executable, conversation, why, why_name, came_back, sending_gate, sending_serial, sending_then, shown_by, shown_id,
    urgency, timeout_ms, transient, resident, feedback, stack_tag, category, remarks, text, raw_bytes, actions,
    inline_reply, summary, body
) SELECT
    seq, id, state, arrived_ms, period, settled, due_ms, closed_ms, closed_reason, acted_ms, put_off,
    CASE WHEN own = 1 THEN 'own' WHEN why = 'noted' THEN 'note' ELSE 'app' END, revisions,
    sender_bus, sender_name, sender_pid, sender_started, gate, app_id, app_name, app_proof, app_desktop_entry,
    app_executable, conversation, why, why_name,
    CASE WHEN state = 'held' AND own = 0 AND (
        why IN ('gate-open', 'safe-list', 'feedback', 'store-failed')
        OR remarks LIKE '%renderer-refused%' OR remarks LIKE '%may-have-been-shown%'
        OR remarks LIKE '%renderer-restarted%') THEN 'unknown' END,
    sending_gate, sending_serial, sending_then, shown_by, shown_id, urgency, timeout_ms, transient, resident, feedback,
    stack_tag, category, remarks, text, raw_bytes, actions, inline_reply, summary, body
FROM notices_v2;
INSERT INTO bodies SELECT seq, big_endian, raw FROM bodies_v2;
INSERT INTO revisions SELECT seq, n, replaced_ms, summary, body FROM revisions_v2;

DROP TABLE bodies_v2;
DROP TABLE revisions_v2;
DROP TABLE notices_v2;

-- Every index below is partial where it can be: history grows without end, what is open stays little, and an arrival
-- should touch few pages. Where `origin` is one of an index's columns, that is for SQLite: it looks at no row for what a
-- query asks for only if the index has every column that the query names, also one that its condition settles, unless
-- that is a column that equals something.

-- An app or a person names a row by its id; also which ids are taken at a start.
CREATE INDEX by_id ON notices (id);

-- The held ones in order of arrival: pages of the list, the next to release, all to mark done.
CREATE INDEX held ON notices (seq, origin) WHERE state = 'held' AND origin <> 'own';

-- The held ones of each app, apart by whether their body is kept: the oldest that still has its text, in a flood, the
-- oldest with a body, and their count at a start, with how many came in this period.
CREATE INDEX held_by_app ON notices (app_id, text, raw_bytes IS NULL, seq, sending_serial, raw_bytes, period)
    WHERE state = 'held' AND origin <> 'own' AND feedback = 0;

-- What the digest and work on one app need of the held ones, and nothing else: walked from end to end.
CREATE INDEX held_of_app ON notices (app_id, seq, put_off, conversation, origin)
    WHERE state = 'held' AND origin <> 'own';

-- The newest open one of an app with a stack tag.
CREATE INDEX stack_tag ON notices (app_id, stack_tag) WHERE stack_tag IS NOT NULL AND closed_ms IS NULL;

-- What a renderer's id means, what another renderer still shows, and how many popups are open.
CREATE INDEX shown ON notices (shown_by, shown_id) WHERE shown_by IS NOT NULL;

-- Which row a renderer's answer is for, and which calls of an earlier gate nobody answered.
CREATE INDEX sending ON notices (sending_serial) WHERE sending_serial IS NOT NULL;

-- Whose time runs out next; also the rows marked done together, which share that instant.
CREATE INDEX due ON notices (due_ms) WHERE due_ms IS NOT NULL;

-- Which snoozed one comes back next.
CREATE INDEX snoozed ON notices (snoozed_ms) WHERE snoozed_ms IS NOT NULL;

-- The senders of what is open but not held, read at a start (those of the held ones are read with `held`).
CREATE INDEX open_settled ON notices (sender_name, sender_pid, sender_started, sender_bus)
    WHERE closed_ms IS NULL AND state <> 'held';

-- The digest that is open.
CREATE INDEX own_open ON notices (seq) WHERE origin = 'own' AND closed_ms IS NULL;

-- The books of a period, counted at a start.
CREATE INDEX books ON notices (settled, period, state, feedback, origin)
    WHERE settled IS NOT NULL AND origin <> 'own';

-- What apps took back while it was held, of the last check-ins: listed newest first, and counted by app.
CREATE INDEX withdrawn ON notices (settled, seq, app_id, origin) WHERE state = 'withdrawn' AND origin <> 'own';

-- Rows whose text is in memory only: after a crash it is gone.
CREATE INDEX in_memory ON notices (seq) WHERE text = 'memory';

-- Bodies that nobody needs any more, for tidying: neither held, nor under way, nor on screen, nor to be held again by an
-- undo.
CREATE INDEX spent ON notices (seq) WHERE raw_bytes IS NOT NULL AND state <> 'held' AND sending_serial IS NULL
    AND (closed_ms IS NOT NULL OR (shown_by IS NULL AND state <> 'done'));

-- The other bodies of each app that are not on their way to the screen: few, and an arrival adds none.
CREATE INDEX bodies_not_held ON notices (app_id, seq, raw_bytes)
    WHERE raw_bytes IS NOT NULL AND sending_serial IS NULL AND NOT (state = 'held' AND origin <> 'own' AND feedback = 0);

-- Blocks that are over, each as it ended, oldest first. Like periods and absences they are kept for good: nothing removes
-- them, for there is no retention yet. A set clock moves none of their instants.
CREATE TABLE blocks (
    number INTEGER PRIMARY KEY,
    started_ms INTEGER NOT NULL,
    ended_ms INTEGER NOT NULL,
    -- When it was to end, as it was planned last; NULL for one without an end, and where an earlier schema did not know.
    planned_ms INTEGER,
    intention TEXT,
    -- How long the user was away in it and says that this does not count; they may say so afterwards.
    left_out_ms INTEGER NOT NULL,
    -- What ended it.
    ended_by TEXT NOT NULL
) STRICT;

-- Periods of the books that are over, from check-in to check-in, with the books as they were at the end of each: what is
-- taken back later enters those of a later one.
CREATE TABLE periods (
    number INTEGER PRIMARY KEY,
    since_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    -- Why its check-in handed over just then.
    ended_by TEXT NOT NULL,
    carried INTEGER NOT NULL,
    came_in INTEGER NOT NULL,
    held INTEGER NOT NULL,
    passed INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL,
    muted INTEGER NOT NULL,
    expired INTEGER NOT NULL,
    released INTEGER NOT NULL,
    done INTEGER NOT NULL,
    -- Outside the sum.
    feedback INTEGER NOT NULL,
    -- Of those in the sum, so many have no row.
    only_counted INTEGER NOT NULL
) STRICT;

-- When the gate was out of the path: what came then was shown, not counted.
CREATE TABLE absences (
    number INTEGER PRIMARY KEY,
    since_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL
) STRICT;

-- What an earlier schema still knew: the blocks of the last day, and the absences of the period that runs.
INSERT INTO blocks (started_ms, ended_ms, intention, left_out_ms, ended_by)
    SELECT past.value ->> 'started_ms', past.value ->> 'ended_ms', past.value ->> 'intention', 0, 'unknown'
    FROM model, json_each(saved, '$.past_blocks') AS past ORDER BY past.key;
INSERT INTO absences (since_ms, until_ms)
    SELECT away.value ->> 0, away.value ->> 1
    FROM model, json_each(saved, '$.absences_ms') AS away ORDER BY away.key;

-- Where words stand without spaces, the index is given pairs of letters (grams.rs): what has such letters is read anew.
INSERT OR IGNORE INTO reworded SELECT seq FROM notices
    WHERE app_name || summary || body GLOB '*[ก-໿က-႟ក-៿々-ㇿ㐀-鿿豈-﫿ｦ-ﾟ𠀀-𲎯]*';

-- A flood has the texts of an app go as fast as new ones come: the index must not be merged for each tenth of them.
INSERT INTO words (words, rank) VALUES ('deletemerge', 50);
