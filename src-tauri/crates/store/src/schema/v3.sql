-- Schema 3. Frozen once released, like the schemas before it, whose comments hold here too.

-- What apps took back while it was held, of the last check-ins: listed newest first, and counted by app.
CREATE INDEX withdrawn ON notices (settled, seq, app_id) WHERE state = 'withdrawn' AND own = 0;

-- Where words stand without spaces, the index is given pairs of letters (grams.rs): what has such letters is read anew.
INSERT OR IGNORE INTO reworded SELECT seq FROM notices
    WHERE app_name || summary || body GLOB '*[ก-໿က-႟ក-៿々-ㇿ㐀-鿿豈-﫿ｦ-ﾟ𠀀-𲎯]*';
