-- How many records of a kind there are, in several rows that are to be added up, so that
-- writers do not wait for one another. Triggers count, so that whoever writes is counted:
-- a program of an older version, or a statement of the host. It is done for each statement.
CREATE TABLE IF NOT EXISTS beckon_sizes (
	namespace text COLLATE "C" NOT NULL,
	kind smallint NOT NULL,
	stripe smallint NOT NULL,            -- of the connection that wrote
	count bigint NOT NULL,               -- made, less those removed
	PRIMARY KEY (namespace, kind, stripe)
) WITH (fillfactor = 50);

CREATE OR REPLACE FUNCTION beckon_count_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	INSERT INTO beckon_sizes AS s (namespace, kind, stripe, count)
	SELECT namespace, kind, (pg_backend_pid() % 64)::smallint, count(*) FROM made GROUP BY namespace, kind ORDER BY namespace, kind
	ON CONFLICT (namespace, kind, stripe) DO UPDATE SET count = s.count + EXCLUDED.count;
	RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION beckon_count_removed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	INSERT INTO beckon_sizes AS s (namespace, kind, stripe, count)
	SELECT namespace, kind, (pg_backend_pid() % 64)::smallint, -count(*) FROM removed GROUP BY namespace, kind ORDER BY namespace, kind
	ON CONFLICT (namespace, kind, stripe) DO UPDATE SET count = s.count + EXCLUDED.count;
	RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION beckon_count_none() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	DELETE FROM beckon_sizes;
	RETURN NULL;
END $$;

-- They run with the rights of who makes the tables, so they find no table but that one.
DO $$
DECLARE f text;
BEGIN
	FOREACH f IN ARRAY ARRAY['beckon_count_made', 'beckon_count_removed', 'beckon_count_none'] LOOP
		EXECUTE format('ALTER FUNCTION %s() SET search_path = %s, pg_temp', f, (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = 'beckon_sizes'::regclass));
	END LOOP;
END $$;

-- From here on nobody else writes records until the end of the transaction, so the sums
-- below are of all that are there.
DROP TRIGGER IF EXISTS beckon_made ON beckon_records;
CREATE TRIGGER beckon_made AFTER INSERT ON beckon_records REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION beckon_count_made();
DROP TRIGGER IF EXISTS beckon_removed ON beckon_records;
CREATE TRIGGER beckon_removed AFTER DELETE ON beckon_records REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION beckon_count_removed();
DROP TRIGGER IF EXISTS beckon_emptied ON beckon_records;
CREATE TRIGGER beckon_emptied AFTER TRUNCATE ON beckon_records FOR EACH STATEMENT EXECUTE FUNCTION beckon_count_none();
DELETE FROM beckon_sizes;
INSERT INTO beckon_sizes (namespace, kind, stripe, count) SELECT namespace, kind, 0, count(*) FROM beckon_records GROUP BY namespace, kind;
