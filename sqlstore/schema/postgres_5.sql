-- One index in place of those on attributes and on event names: on numbers, each the
-- beginning of the SHA-256 of an event name, or of an attribute's name with a text of its
-- value or "true" or "false". It has no numbers and no dates, for which no filter asks it, and
-- costs a new row less than half. Whoever finds a row by it compares the names and values, too.
DROP INDEX IF EXISTS beckon_records_attributes, beckon_records_event_names, beckon_records_terms, beckon_records_unsure;
ALTER TABLE beckon_records ADD COLUMN IF NOT EXISTS terms integer[] NOT NULL DEFAULT '{}'; -- derived from state and stats

-- The sign of marks says that terms are those of the row. Programs of an older version, which
-- do not know terms, take it away with every write that may change them.
UPDATE beckon_records SET marks = marks | (-32768)::smallint, terms = COALESCE((
	SELECT array_agg(('x' || encode(substr(sha256(term), 1, 4), 'hex'))::bit(32)::integer)
	FROM (
		SELECT '\x00'::bytea || convert_to(name, 'UTF8') FROM jsonb_array_elements_text(event_names) AS n (name)
		UNION ALL
		SELECT convert_to(a.key, 'UTF8') || '\x00'::bytea || convert_to(v.value #>> '{}', 'UTF8')
		FROM jsonb_each(attributes) AS a
		CROSS JOIN LATERAL (
			SELECT a.value
			UNION ALL SELECT a.value -> 'value' WHERE jsonb_typeof(a.value) = 'object'
			UNION ALL SELECT jsonb_array_elements(CASE jsonb_typeof(a.value) WHEN 'array' THEN a.value ELSE '[]' END)
		) AS v (value)
		WHERE jsonb_typeof(v.value) IN ('string', 'boolean')
	) AS t (term)
), '{}');

CREATE INDEX beckon_records_terms ON beckon_records USING gin (terms);
CREATE INDEX beckon_records_unsure ON beckon_records (namespace, kind, id) WHERE marks >= 0;
