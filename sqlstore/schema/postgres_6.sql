-- What waits is found by tables of its own, and no index of beckon_records has a column that
-- changes when something begins to wait or waits no more. So that a row is written then
-- beside its old version, and no index is. The columns next_due and next_pending stay. The
-- statement that writes many rows keeps the tables, too. If anything else writes, triggers do:
-- such as a step alone, a program of an older version, or a statement of the host.

-- From here on nobody else writes records until the end of the transaction.
ALTER TABLE beckon_records ADD COLUMN IF NOT EXISTS channels smallint NOT NULL DEFAULT 0; -- a bit for each channel of what is pending; older programs have set bits of marks in its place
ALTER TABLE beckon_records ADD COLUMN IF NOT EXISTS waits bigint NOT NULL DEFAULT 0; -- the version with which the same statement has kept the tables below: triggers pass by it
DROP INDEX IF EXISTS beckon_records_next_due, beckon_records_next_pending;

-- One row for each of beckon_records whose next_due is not NULL.
CREATE TABLE IF NOT EXISTS beckon_due (
	namespace text COLLATE "C" NOT NULL,
	next_due bigint NOT NULL,
	kind smallint NOT NULL,
	id bytea NOT NULL,
	PRIMARY KEY (namespace, next_due, kind, id)
);

-- One row for each of beckon_records whose next_pending is not NULL.
CREATE TABLE IF NOT EXISTS beckon_pending (
	namespace text COLLATE "C" NOT NULL,
	next_pending bigint NOT NULL,
	kind smallint NOT NULL,
	id bytea NOT NULL,
	channels smallint NOT NULL,          -- 0: any may be pending
	PRIMARY KEY (namespace, next_pending, kind, id)
);

-- Of a row that is made there is no OLD, and of one that is removed no NEW: all is NULL then.
-- A program of version 5 sets the bits 4 to 14 of marks for channels. If there are none, and no
-- sign, the row is of a program that knew nothing of channels.
CREATE OR REPLACE FUNCTION beckon_wait() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE moves boolean := (OLD.namespace, OLD.kind, OLD.id) IS DISTINCT FROM (NEW.namespace, NEW.kind, NEW.id);
BEGIN
	IF moves OR OLD.next_due IS DISTINCT FROM NEW.next_due THEN
		IF OLD.next_due IS NOT NULL THEN
			DELETE FROM beckon_due WHERE namespace = OLD.namespace AND next_due = OLD.next_due AND kind = OLD.kind AND id = OLD.id;
		END IF;
		IF NEW.next_due IS NOT NULL THEN
			INSERT INTO beckon_due (namespace, next_due, kind, id) VALUES (NEW.namespace, NEW.next_due, NEW.kind, NEW.id) ON CONFLICT DO NOTHING;
		END IF;
	END IF;
	IF OLD.next_pending IS NOT NULL AND (moves OR OLD.next_pending IS DISTINCT FROM NEW.next_pending) THEN
		DELETE FROM beckon_pending WHERE namespace = OLD.namespace AND next_pending = OLD.next_pending AND kind = OLD.kind AND id = OLD.id;
	END IF;
	IF NEW.next_pending IS NOT NULL THEN
		INSERT INTO beckon_pending (namespace, next_pending, kind, id, channels) VALUES (NEW.namespace, NEW.next_pending, NEW.kind, NEW.id,
			CASE WHEN NEW.marks & 32752 <> 0 THEN (NEW.marks & 32752) >> 4 WHEN NEW.marks < 0 THEN NEW.channels ELSE 0 END)
		ON CONFLICT (namespace, next_pending, kind, id) DO UPDATE SET channels = EXCLUDED.channels;
	END IF;
	RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION beckon_wait_none() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	DELETE FROM beckon_due;
	DELETE FROM beckon_pending;
	RETURN NULL;
END $$;

-- A row that gets another namespace or kind, which a host may do and we never, is counted there.
-- A trigger for some columns sees no table of all rows, so they are added up in a setting of the
-- transaction, and written at the end of the statement.
CREATE OR REPLACE FUNCTION beckon_count_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
	moved jsonb := COALESCE(NULLIF(current_setting('beckon.moved', true), ''), '{}');
	here text := OLD.kind || ' ' || OLD.namespace;
	there text := NEW.kind || ' ' || NEW.namespace;
BEGIN
	moved := jsonb_set(moved, ARRAY[here], to_jsonb(COALESCE((moved ->> here)::bigint, 0) - 1));
	moved := jsonb_set(moved, ARRAY[there], to_jsonb(COALESCE((moved ->> there)::bigint, 0) + 1));
	PERFORM set_config('beckon.moved', moved::text, true);
	RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION beckon_count_all_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE moved text := current_setting('beckon.moved', true);
BEGIN
	IF moved <> '' THEN
		PERFORM set_config('beckon.moved', '', true);
		INSERT INTO beckon_sizes AS s (namespace, kind, stripe, count)
		SELECT substr(key, strpos(key, ' ') + 1), split_part(key, ' ', 1)::smallint, (pg_backend_pid() % 64)::smallint, value::bigint
		FROM jsonb_each_text(moved::jsonb) WHERE value <> '0' ORDER BY 1, 2
		ON CONFLICT (namespace, kind, stripe) DO UPDATE SET count = s.count + EXCLUDED.count;
	END IF;
	RETURN NULL;
END $$;

-- They run with the rights of who makes the tables, so they find no table but these. Their
-- plans may have been made when there was nothing to find, so they keep to indexes.
DO $$
DECLARE f text;
BEGIN
	FOREACH f IN ARRAY ARRAY['beckon_wait', 'beckon_wait_none', 'beckon_count_moved', 'beckon_count_all_moved'] LOOP
		EXECUTE format('ALTER FUNCTION %s() SET search_path = %s, pg_temp', f, (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = 'beckon_due'::regclass));
		EXECUTE format('ALTER FUNCTION %s() SET enable_seqscan = off', f);
	END LOOP;
END $$;

DROP TRIGGER IF EXISTS beckon_waits ON beckon_records;
CREATE TRIGGER beckon_waits AFTER INSERT ON beckon_records FOR EACH ROW
	WHEN (NEW.next_due IS NOT NULL OR NEW.next_pending IS NOT NULL) EXECUTE FUNCTION beckon_wait();
DROP TRIGGER IF EXISTS beckon_waits_else ON beckon_records;
CREATE TRIGGER beckon_waits_else AFTER UPDATE OF namespace, kind, id, next_due, next_pending, marks, channels ON beckon_records FOR EACH ROW
	WHEN (OLD.waits = NEW.waits AND ((OLD.namespace, OLD.kind, OLD.id) <> (NEW.namespace, NEW.kind, NEW.id) OR OLD.next_due IS DISTINCT FROM NEW.next_due OR OLD.next_pending IS DISTINCT FROM NEW.next_pending
		OR NEW.next_pending IS NOT NULL AND (OLD.channels <> NEW.channels OR OLD.marks >> 4 <> NEW.marks >> 4))) EXECUTE FUNCTION beckon_wait();
DROP TRIGGER IF EXISTS beckon_moved ON beckon_records;
CREATE TRIGGER beckon_moved AFTER UPDATE OF namespace, kind ON beckon_records FOR EACH ROW
	WHEN ((OLD.namespace, OLD.kind) <> (NEW.namespace, NEW.kind)) EXECUTE FUNCTION beckon_count_moved();
DROP TRIGGER IF EXISTS beckon_moved_all ON beckon_records;
CREATE TRIGGER beckon_moved_all AFTER UPDATE OF namespace, kind ON beckon_records FOR EACH STATEMENT EXECUTE FUNCTION beckon_count_all_moved();
DROP TRIGGER IF EXISTS beckon_waits_not ON beckon_records;
CREATE TRIGGER beckon_waits_not AFTER DELETE ON beckon_records FOR EACH ROW
	WHEN (OLD.next_due IS NOT NULL OR OLD.next_pending IS NOT NULL) EXECUTE FUNCTION beckon_wait();
DROP TRIGGER IF EXISTS beckon_none_waits ON beckon_records;
CREATE TRIGGER beckon_none_waits AFTER TRUNCATE ON beckon_records FOR EACH STATEMENT EXECUTE FUNCTION beckon_wait_none();

DELETE FROM beckon_due;
INSERT INTO beckon_due (namespace, next_due, kind, id) SELECT namespace, next_due, kind, id FROM beckon_records WHERE next_due IS NOT NULL;
DELETE FROM beckon_pending;
INSERT INTO beckon_pending (namespace, next_pending, kind, id, channels)
	SELECT namespace, next_pending, kind, id, CASE WHEN marks & 32752 <> 0 THEN (marks & 32752) >> 4 WHEN marks < 0 THEN channels ELSE 0 END
	FROM beckon_records WHERE next_pending IS NOT NULL;
