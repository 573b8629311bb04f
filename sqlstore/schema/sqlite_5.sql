-- beckon_terms has a number in place of namespace, kind, class and name: a contact has ten
-- or twenty rows in it, and each is found by comparing what it begins with.
ALTER TABLE beckon_terms RENAME TO beckon_terms_4;

-- Each name that a record of some kind has, or has had: no number is used again.
CREATE TABLE beckon_names (
	number INTEGER PRIMARY KEY,
	namespace TEXT NOT NULL,
	kind INTEGER NOT NULL,
	class INTEGER NOT NULL,              -- 1 event name, 2 attribute
	name TEXT NOT NULL,
	UNIQUE (namespace, kind, class, name)
) STRICT;

-- A row for each event name that a record has (with no value), and for each attribute
-- with its text, cut to 200 bytes; a list has a row for each of its texts, what is neither
-- text nor a list has the empty text.
CREATE TABLE beckon_terms (
	name INTEGER NOT NULL,               -- the number of it in beckon_names
	value TEXT NOT NULL,
	id BLOB NOT NULL,                    -- as in beckon_records
	PRIMARY KEY (name, value, id)
) STRICT, WITHOUT ROWID;

INSERT INTO beckon_names (namespace, kind, class, name)
	SELECT DISTINCT namespace, kind, class, name FROM beckon_terms_4 ORDER BY namespace, kind, class, name;

-- Rows are read and written in the order of both tables.
INSERT INTO beckon_terms (name, value, id)
	SELECT n.number, t.value, t.id FROM beckon_names AS n
	CROSS JOIN beckon_terms_4 AS t ON t.namespace = n.namespace AND t.kind = n.kind AND t.class = n.class AND t.name = n.name
	ORDER BY n.number, t.value, t.id;

DROP TABLE beckon_terms_4;
