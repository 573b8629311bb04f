-- One row per record. What a host may want to query stands in columns; the
-- rest of the record is in state, as the library's codec writes it.
CREATE TABLE beckon_records (
	namespace text COLLATE "C" NOT NULL,
	kind smallint NOT NULL,              -- 1 user_id, 2 id, 3 email, 4 anonymous_id, 5 company, 6 event name, 7 message, 8 run, 9 throttle
	id bytea NOT NULL,                   -- UTF-8; beyond 1,000 bytes 0xff, a SHA-256 and the beginning
	version bigint NOT NULL,             -- of the row: one more with every write
	last_seen bigint NOT NULL,           -- Unix milliseconds; 0: never
	event_seq bigint NOT NULL,           -- events recorded so far
	email text COLLATE "C",              -- contacts only, at most 1,000 bytes of it; NULL: none
	next_due bigint,                     -- Unix milliseconds; NULL: nothing waits
	next_pending bigint,                 -- Unix milliseconds: the first lease that ends; NULL: no delivery is pending
	marks smallint NOT NULL,             -- 1: a merge of it is under way; 2: it leads to another record; 4: a series is under way
	attributes jsonb NOT NULL,           -- {"plan": "pro", "seats": 5}, derived from state
	companies jsonb NOT NULL,            -- ["c1", "c2"], derived from state
	stats json NOT NULL,                 -- {"login": [count, first, last]}, Unix seconds: the truth, in no other place; json, which is read and written with every event at a quarter of the cost of jsonb
	event_names jsonb NOT NULL,          -- ["login"], the keys of stats: indexed, and mostly the same when stats change
	log_count integer NOT NULL,          -- at least so many of its events are in beckon_events
	log_keep integer NOT NULL,           -- so many of them count, the newest
	log_from bigint NOT NULL,            -- and only those from this second on
	state bytea NOT NULL,
	PRIMARY KEY (namespace, kind, id)
) WITH (fillfactor = 75);                -- room for new versions of a row beside the old one

CREATE INDEX beckon_records_email ON beckon_records (namespace, email, kind, id) WHERE email IS NOT NULL;
CREATE INDEX beckon_records_next_due ON beckon_records (namespace, next_due, kind, id) WHERE next_due IS NOT NULL;
CREATE INDEX beckon_records_next_pending ON beckon_records (namespace, next_pending, kind, id) WHERE next_pending IS NOT NULL;
CREATE INDEX beckon_records_moving ON beckon_records (namespace, kind, id) WHERE (marks & 1) <> 0;
CREATE INDEX beckon_records_leads ON beckon_records (namespace, kind, id) WHERE (marks & 2) <> 0;
CREATE INDEX beckon_records_walking ON beckon_records (namespace, kind, id) WHERE (marks & 4) <> 0;
CREATE INDEX beckon_records_attributes ON beckon_records USING gin (attributes);
CREATE INDEX beckon_records_event_names ON beckon_records USING gin (event_names);

-- The events of contacts, each as the library's codec writes it.
CREATE TABLE beckon_events (
	namespace text COLLATE "C" NOT NULL,
	kind smallint NOT NULL,
	id bytea NOT NULL,
	at bigint NOT NULL,                  -- Unix seconds
	seq bigint NOT NULL,
	data bytea NOT NULL,
	PRIMARY KEY (namespace, kind, id, at, seq)
);

-- What was counted of messages, in several rows that are to be added up, so
-- that writers do not wait for one another.
CREATE TABLE beckon_totals (
	namespace text COLLATE "C" NOT NULL,
	message bytea NOT NULL,              -- UTF-8, as ids
	name text COLLATE "C" NOT NULL,      -- "sent", "control", "held.already_sent" and so on
	stripe smallint NOT NULL,
	count bigint NOT NULL,
	PRIMARY KEY (namespace, message, name, stripe)
) WITH (fillfactor = 50);
