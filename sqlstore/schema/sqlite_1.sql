-- One row per record. What a host may want to query stands in columns; the
-- rest of the record is in state, as the library's codec writes it.
CREATE TABLE beckon_records (
	namespace TEXT NOT NULL,
	kind INTEGER NOT NULL,               -- 1 user_id, 2 id, 3 email, 4 anonymous_id, 5 company, 6 event name, 7 message, 8 run, 9 throttle
	id BLOB NOT NULL,                    -- UTF-8; beyond 1,000 bytes 0xff, a SHA-256 and the beginning
	version INTEGER NOT NULL,            -- of the row: one more with every write
	last_seen INTEGER NOT NULL,          -- Unix milliseconds; 0: never
	event_seq INTEGER NOT NULL,          -- events recorded so far
	email TEXT,                          -- contacts only, at most 1,000 bytes of it; NULL: none
	next_due INTEGER,                    -- Unix milliseconds; NULL: nothing waits
	next_pending INTEGER,                -- Unix milliseconds: the first lease that ends; NULL: no delivery is pending
	marks INTEGER NOT NULL,              -- 1: a merge of it is under way; 2: it leads to another record; 4: a series is under way
	attributes TEXT NOT NULL,            -- {"plan": "pro", "seats": 5}, derived from state
	companies TEXT NOT NULL,             -- ["c1", "c2"], derived from state
	stats TEXT NOT NULL,                 -- {"login": [count, first, last]}, Unix seconds: the truth, in no other place
	log_count INTEGER NOT NULL,          -- at least so many of its events are in beckon_events
	log_keep INTEGER NOT NULL,           -- so many of them count, the newest
	log_from INTEGER NOT NULL,           -- and only those from this second on
	state BLOB NOT NULL,
	PRIMARY KEY (namespace, kind, id)
) STRICT;

CREATE INDEX beckon_records_email ON beckon_records (namespace, email, kind, id) WHERE email IS NOT NULL;
CREATE INDEX beckon_records_next_due ON beckon_records (namespace, next_due, kind, id) WHERE next_due IS NOT NULL;
CREATE INDEX beckon_records_next_pending ON beckon_records (namespace, next_pending, kind, id) WHERE next_pending IS NOT NULL;
CREATE INDEX beckon_records_moving ON beckon_records (namespace, kind, id) WHERE (marks & 1) <> 0;
CREATE INDEX beckon_records_leads ON beckon_records (namespace, kind, id) WHERE (marks & 2) <> 0;
CREATE INDEX beckon_records_walking ON beckon_records (namespace, kind, id) WHERE (marks & 4) <> 0;

-- What stands in for an index on attributes and stats, derived from them: a
-- row for each event name that a record has (class 1, no value), and for each
-- attribute (class 2) with its text, cut to 200 bytes; a list has a row for each
-- of its texts, what is neither text nor a list has the empty text.
CREATE TABLE beckon_terms (
	namespace TEXT NOT NULL,
	kind INTEGER NOT NULL,
	class INTEGER NOT NULL,
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	id BLOB NOT NULL,
	PRIMARY KEY (namespace, kind, class, name, value, id)
) STRICT, WITHOUT ROWID;

-- The events of contacts, each as the library's codec writes it.
CREATE TABLE beckon_events (
	namespace TEXT NOT NULL,
	kind INTEGER NOT NULL,
	id BLOB NOT NULL,
	at INTEGER NOT NULL,                 -- Unix seconds
	seq INTEGER NOT NULL,
	data BLOB NOT NULL,
	PRIMARY KEY (namespace, kind, id, at, seq)
) STRICT, WITHOUT ROWID;

-- What was counted of messages.
CREATE TABLE beckon_totals (
	namespace TEXT NOT NULL,
	message BLOB NOT NULL,               -- UTF-8, as ids
	name TEXT NOT NULL,                  -- "sent", "control", "held.already_sent" and so on
	count INTEGER NOT NULL,
	PRIMARY KEY (namespace, message, name)
) STRICT, WITHOUT ROWID;
