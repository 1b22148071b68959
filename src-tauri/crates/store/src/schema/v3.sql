-- Schema 3. Frozen once released, like the schemas before it, whose comments hold here too.

-- Why one is held that came back, whatever it was held or let through for at first. What an earlier schema had to be
-- guessed from is looked at once more.
ALTER TABLE notices ADD COLUMN came_back TEXT CHECK (came_back IN (
    'nobody-listens', 'to-be-answered', 'refused', 'no-answer', 'renderer-gone', 'gate-stopped', 'release-undone', 'unknown'));
UPDATE notices SET came_back = 'unknown' WHERE state = 'held' AND own = 0 AND (
    why IN ('gate-open', 'safe-list', 'feedback', 'store-failed')
    OR remarks LIKE '%renderer-refused%' OR remarks LIKE '%may-have-been-shown%' OR remarks LIKE '%renderer-restarted%');

-- Nobody reads this any more: every app may have forgotten a message that an earlier gate took.
ALTER TABLE notices DROP COLUMN gnotification;

-- The renderer has not answered for so long that its answer is not waited for any more.
ALTER TABLE notices ADD COLUMN sending_late INTEGER NOT NULL DEFAULT 0 CHECK (sending_late IN (0, 1));

-- When one that was put off for some minutes comes back, if no digest comes first.
ALTER TABLE notices ADD COLUMN snoozed_ms INTEGER;
CREATE INDEX snoozed ON notices (snoozed_ms) WHERE snoozed_ms IS NOT NULL;

-- Its body had to go because too much was kept in all, though it was still wanted: what only the body had is lost.
ALTER TABLE notices ADD COLUMN raw_dropped INTEGER NOT NULL DEFAULT 0 CHECK (raw_dropped IN (0, 1));

-- The held ones of each app, as before, and now apart by whether their body is kept: also the oldest of these.
DROP INDEX held_by_app;
CREATE INDEX held_by_app ON notices (app_id, text, raw_bytes IS NULL, seq, sending_serial, raw_bytes, period)
    WHERE state = 'held' AND own = 0 AND feedback = 0;

-- The other bodies of each app that are not on their way to the screen: few, and an arrival adds none.
CREATE INDEX bodies_not_held ON notices (app_id, seq, raw_bytes)
    WHERE raw_bytes IS NOT NULL AND sending_serial IS NULL AND NOT (state = 'held' AND own = 0 AND feedback = 0);

-- What apps took back while it was held, of the last check-ins: listed newest first, and counted by app.
CREATE INDEX withdrawn ON notices (settled, seq, app_id) WHERE state = 'withdrawn' AND own = 0;

-- Where words stand without spaces, the index is given pairs of letters (grams.rs): what has such letters is read anew.
INSERT OR IGNORE INTO reworded SELECT seq FROM notices
    WHERE app_name || summary || body GLOB '*[ก-໿က-႟ក-៿々-ㇿ㐀-鿿豈-﫿ｦ-ﾟ𠀀-𲎯]*';

-- A flood has the texts of an app go as fast as new ones come: the index must not be merged for each tenth of them.
INSERT INTO words (words, rank) VALUES ('deletemerge', 50);
