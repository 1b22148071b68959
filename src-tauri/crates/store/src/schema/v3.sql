-- Schema 3. Frozen once released, like the schemas before it, whose comments hold here too.

-- What apps took back while it was held, of the last check-ins: listed newest first, and counted by app.
CREATE INDEX withdrawn ON notices (settled, seq, app_id) WHERE state = 'withdrawn' AND own = 0;
