-- Schema 3. Frozen once released, like the schemas before it, whose comments hold here too.

-- Why one is held that came back, whatever it was held or let through for at first. What an earlier schema had to be
-- guessed from is looked at once more.
ALTER TABLE notices ADD COLUMN came_back TEXT CHECK (came_back IN (
    'nobody-listens', 'to-be-answered', 'refused', 'no-answer', 'renderer-gone', 'gate-stopped', 'release-undone', 'unknown'));
UPDATE notices SET came_back = 'unknown' WHERE state = 'held' AND own = 0 AND (
    why IN ('gate-open', 'safe-list', 'feedback', 'store-failed')
    OR remarks LIKE '%renderer-refused%' OR remarks LIKE '%may-have-been-shown%' OR remarks LIKE '%renderer-restarted%');

-- What apps took back while it was held, of the last check-ins: listed newest first, and counted by app.
CREATE INDEX withdrawn ON notices (settled, seq, app_id) WHERE state = 'withdrawn' AND own = 0;

-- Where words stand without spaces, the index is given pairs of letters (grams.rs): what has such letters is read anew.
INSERT OR IGNORE INTO reworded SELECT seq FROM notices
    WHERE app_name || summary || body GLOB '*[ก-໿က-႟ក-៿々-ㇿ㐀-鿿豈-﫿ｦ-ﾟ𠀀-𲎯]*';
