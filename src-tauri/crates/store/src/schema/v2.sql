-- Schema 2. Frozen once released, like schema 1, whose comments hold here too. SQLite cannot change a CHECK, and dropping
-- a table would take what refers to it along: so the three tables are made anew beside the old ones.
--
-- New: what is put off, the conversation of each row, notes by hand, and the search of all history.

ALTER TABLE notices RENAME TO notices_v1;
ALTER TABLE bodies RENAME TO bodies_v1;
ALTER TABLE revisions RENAME TO revisions_v1;

CREATE TABLE notices (
    -- Rises with arrival, never used twice. The newest row must therefore never be deleted.
    seq INTEGER PRIMARY KEY,
    id INTEGER NOT NULL CHECK (id BETWEEN 0 AND 4294967295),
    state TEXT NOT NULL
        CHECK (state IN ('held', 'passed', 'withdrawn', 'muted', 'expired', 'released', 'done')),
    arrived_ms INTEGER NOT NULL,
    period INTEGER NOT NULL,
    settled INTEGER,
    due_ms INTEGER,
    closed_ms INTEGER,
    -- NotificationClosed's own numbers.
    closed_reason INTEGER CHECK (closed_reason BETWEEN 1 AND 4),
    acted_ms INTEGER,
    -- The mark of the command that put it off to the next check-in.
    put_off INTEGER,
    own INTEGER NOT NULL CHECK (own IN (0, 1)),
    revisions INTEGER NOT NULL,
    sender_bus TEXT NOT NULL,
    sender_name TEXT NOT NULL,
    sender_pid INTEGER NOT NULL,
    sender_started INTEGER NOT NULL,
    gate TEXT NOT NULL,
    app_id TEXT NOT NULL,
    app_name TEXT NOT NULL,
    app_proof TEXT NOT NULL
        CHECK (app_proof IN ('flatpak', 'snap', 'unit', 'executable', 'desktop-entry', 'name')),
    app_desktop_entry TEXT,
    app_executable TEXT,
    -- The same number for rows of one app that belong together (domain::ports::conversation); NULL where an earlier
    -- schema did not know.
    conversation INTEGER,
    why TEXT NOT NULL
        CHECK (why IN ('block', 'inhibited', 'gate-open', 'safe-list', 'rule', 'feedback', 'store-failed', 'own', 'noted')),
    -- Of the app that asked for quiet, or of the safe list's entry.
    why_name TEXT,
    sending_gate TEXT,
    sending_serial INTEGER,
    sending_then TEXT CHECK (sending_then IN ('nothing', 'resend', 'close')),
    shown_by TEXT,
    shown_id INTEGER,
    urgency INTEGER NOT NULL CHECK (urgency BETWEEN 0 AND 2),
    -- NULL: the renderer's default; -1: never.
    timeout_ms INTEGER CHECK (timeout_ms >= -1),
    transient INTEGER NOT NULL CHECK (transient IN (0, 1)),
    resident INTEGER NOT NULL CHECK (resident IN (0, 1)),
    feedback INTEGER NOT NULL CHECK (feedback IN (0, 1)),
    gnotification INTEGER NOT NULL CHECK (gnotification IN (0, 1)),
    stack_tag TEXT,
    category TEXT,
    -- JSON list; NULL for none.
    remarks TEXT,
    -- Where the text is: here; nowhere, by wish; in the daemon's memory only, because it is transient; gone with that
    -- memory; dropped, because its app sent too many.
    text TEXT NOT NULL CHECK (text IN ('kept', 'none', 'memory', 'lost', 'dropped')),
    -- Length of the stored message body; NULL: there is none.
    raw_bytes INTEGER,
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

INSERT INTO notices SELECT
    seq, id, state, arrived_ms, period, settled, due_ms, closed_ms, closed_reason, acted_ms, NULL, own, revisions,
    sender_bus, sender_name, sender_pid, sender_started, gate, app_id, app_name, app_proof, app_desktop_entry,
    app_executable, NULL, why, why_name, sending_gate, sending_serial, sending_then, shown_by, shown_id, urgency,
    timeout_ms, transient, resident, feedback, gnotification, stack_tag, category, remarks, text, raw_bytes, actions,
    inline_reply, summary, body
FROM notices_v1;
INSERT INTO bodies SELECT seq, big_endian, raw FROM bodies_v1;
INSERT INTO revisions SELECT seq, n, replaced_ms, summary, body FROM revisions_v1;

DROP TABLE bodies_v1;
DROP TABLE revisions_v1;
DROP TABLE notices_v1;

-- Every index below is partial where it can be: history grows without end, what is open stays little, and an arrival
-- should touch few pages.

-- An app or a person names a row by its id; also which ids are taken at a start.
CREATE INDEX by_id ON notices (id);

-- The held ones in order of arrival: pages of the list, the next to release, all to mark done.
CREATE INDEX held ON notices (seq) WHERE state = 'held' AND own = 0;

-- The held ones of each app: the oldest that still has its text, in a flood, and their count at a start, with how many
-- came in this period.
CREATE INDEX held_by_app ON notices (app_id, text, seq, period) WHERE state = 'held' AND own = 0 AND feedback = 0;

-- The newest open one of an app with a stack tag.
CREATE INDEX stack_tag ON notices (app_id, stack_tag) WHERE stack_tag IS NOT NULL AND closed_ms IS NULL;

-- What a renderer's id means, what another renderer still shows, and how many popups are open.
CREATE INDEX shown ON notices (shown_by, shown_id) WHERE shown_by IS NOT NULL;

-- Which row a renderer's answer is for, and which calls of an earlier gate nobody answered.
CREATE INDEX sending ON notices (sending_serial) WHERE sending_serial IS NOT NULL;

-- Whose time runs out next; also the rows marked done together, which share that instant.
CREATE INDEX due ON notices (due_ms) WHERE due_ms IS NOT NULL;

-- The senders of what is open but not held, read at a start (those of the held ones are read with `held`).
CREATE INDEX open_settled ON notices (sender_name, sender_pid, sender_started, sender_bus)
    WHERE closed_ms IS NULL AND state <> 'held';

-- The digest that is open.
CREATE INDEX own_open ON notices (seq) WHERE own = 1 AND closed_ms IS NULL;

-- The books of a period, counted at a start.
CREATE INDEX books ON notices (settled, period, state, feedback) WHERE settled IS NOT NULL AND own = 0;

-- Rows whose text is in memory only: after a crash it is gone.
CREATE INDEX in_memory ON notices (seq) WHERE text = 'memory';

-- Bodies that nobody needs any more, for tidying: neither held, nor under way, nor on screen, nor to be held again by an
-- undo.
CREATE INDEX spent ON notices (seq) WHERE raw_bytes IS NOT NULL AND state <> 'held' AND sending_serial IS NULL
    AND (closed_ms IS NOT NULL OR (shown_by IS NULL AND state <> 'done'));

-- What the digest and work on one app need of the held ones, and nothing else: walked from end to end.
CREATE INDEX held_of_app ON notices (app_id, seq, put_off, conversation) WHERE state = 'held' AND own = 0;

-- The words of all history, without the text itself: that is in the rows. Filled when nobody waits.
CREATE VIRTUAL TABLE words USING fts5 (
    app, summary, body,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);

-- Up to which row the words are known, and which of these rows have changed since.
CREATE TABLE worded (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    upto INTEGER NOT NULL
) STRICT;
INSERT INTO worded (one, upto) VALUES (1, 0);
CREATE TABLE reworded (
    seq INTEGER PRIMARY KEY
) STRICT;
