-- Schema 1. Frozen once released: a change is a new file beside this one, and a test holds every released schema's
-- fixture against it.
--
-- Instants are UTC milliseconds since 1970 (names end in _ms). Whole numbers that the domain has as u64 are stored with
-- the same 64 bits. An enumeration is a word or the specification's own number, and a CHECK names all of them.

-- One row per interruption. The narrow columns come first, so that a walk over many rows need not follow a long text.
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
    why TEXT NOT NULL
        CHECK (why IN ('block', 'inhibited', 'gate-open', 'safe-list', 'rule', 'feedback', 'store-failed', 'own')),
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

-- The model's own state, as JSON with a version of its own.
CREATE TABLE model (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    saved TEXT NOT NULL
) STRICT;

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
