package sqlstore

import (
	"fmt"
	"strings"
)

// loadSQL reads the rows of keys, those that are there, with their place in the
// arrays. The join is LATERAL with an OFFSET, so that there is but one way to
// carry it out, key by key through the primary key: on a table without
// statistics the planner else reads all of it. Of its SELECT within unnest see
// [sqlWriter.unnest].
const loadSQL = `SELECT k.place, r.version, r.last_seen, r.event_seq, r.log_count, r.log_keep, r.log_from, r.stats, r.state, r.ctid, r.marks, r.channels, r.due, r.pending
FROM unnest((SELECT $2::smallint[]), $3::bytea[]) WITH ORDINALITY AS k (kind, id, place)
CROSS JOIN LATERAL (
	SELECT version, last_seen, event_seq, log_count::bigint, log_keep::bigint, log_from, stats, state, ctid, marks, channels, COALESCE(next_due, 0) AS due, COALESCE(next_pending, 0) AS pending
	FROM beckon_records WHERE namespace = $1 AND kind = k.kind AND id = k.id OFFSET 0
) r`

// A parts says which kinds of rows a group writes: the statement has but the
// parts that there is something for.
type parts uint16

const (
	partEvents  parts = 1 << iota // rows that are there and that an event changes
	partKept                      // rows that are there and where what waits changes, too, but nothing that rules are searched by
	partWhole                     // rows that are there, with all their columns
	partMade                      // rows that are not there
	partLog                       // events
	partTotals                    // counts
	partDue                       // keys of what is due, or is no more: of partKept and partWhole
	partPending                   // keys of what is pending, likewise
	partRaced                     // others make such rows, too: those of partMade that are there by now are lost
	partProbed                    // some rows were not loaded, so their pages are to be cleaned up
	partSought                    // the same, for a server that can do it only by looking for them
	partsEnd
)

// A group's columns. Each is an array parameter of the type.
const (
	keyColumns   = "kind smallint, id bytea"
	eventColumns = keyColumns + ", version bigint, last_seen bigint, event_seq bigint, log_count bigint, log_keep bigint, log_from bigint, stats json, state bytea"
	lightColumns = eventColumns + ", ctid tid"
	keptColumns  = lightColumns + ", next_due bigint, next_pending bigint, marks smallint, channels smallint"
	madeColumns  = eventColumns + ", email text, next_due bigint, next_pending bigint, marks smallint, attributes text, companies text, event_names text, terms text, channels smallint"
	wholeColumns = madeColumns + ", ctid tid"
	logColumns   = keyColumns + ", at bigint, seq bigint, data bytea"
	totalColumns = keyColumns + ", message bytea, name text, n bigint"
	dueColumns   = keyColumns + ", was bigint, at bigint" // 0: there is none
	waitColumns  = dueColumns + ", channels smallint"
)

// writeSQL is one statement, and so one transaction, that writes what a group
// has decided: each row if it still has the version that was decided on, and
// the events and counts that belong to it only then. It returns the keys of the
// rows that were written, and where they are now.
//
// A row that is there is found where it was when it was loaded, which spares the way
// through the primary key. If it is not there any more, or another has its place, it is
// lost. The key is compared in a way that no index and no join serves, so that the planner,
// who would rather join all of a table that it takes for small, has but one way.
//
// The server removes old versions from a page when it comes there by an index, or by a range
// of places, and not where it is told the place. In a page without room a row cannot stay, and
// all indexes are written. To load a row has cleaned its page up. With partProbed each row is
// first read by a range that has its place alone. A server older than version 14 would read the
// whole table for that, so with partSought it goes through the primary key. Both come before
// the row itself: while that is at hand, its page is not cleaned up.
//
// A row that was not there is lost if it is by now: then all of the group are, except with
// partRaced. To look for that beforehand costs each row that is made, and it hardly ever
// happens. Since only those are inserted, the triggers that count what is made cost others
// nothing.
func (p parts) writeSQL() string {
	w := sqlWriter{next: 2} // $1 is the namespace
	var won []string
	for _, rows := range []struct {
		part parts
		name string
		sql  func() string
	}{
		{partEvents, "light", func() string { return w.update(p, lightColumns, "") }},
		{partKept, "kept", func() string {
			return w.update(p, keptColumns, ", next_due = NULLIF(u.next_due, 0), next_pending = NULLIF(u.next_pending, 0), marks = u.marks, channels = u.channels, waits = u.version")
		}},
		{partWhole, "whole", func() string {
			return w.update(p, wholeColumns, `, email = NULLIF(u.email, ''), next_due = NULLIF(u.next_due, 0),
		next_pending = NULLIF(u.next_pending, 0), marks = u.marks, attributes = u.attributes::jsonb, companies = u.companies::jsonb, event_names = u.event_names::jsonb, terms = u.terms::integer[], channels = u.channels, waits = u.version`)
		}},
		{partMade, "made", func() string { return w.insert(p&partRaced != 0) }},
	} {
		if p&rows.part == 0 {
			continue
		}
		sql := rows.sql()
		if p&^(partRaced|partProbed|partSought) == rows.part {
			return sql // nothing else depends on it, and to keep what it returns costs time
		}
		w.with(rows.name, sql)
		won = append(won, "SELECT kind, id, ctid FROM "+rows.name)
	}
	if len(won) == 0 {
		won = append(won, "SELECT 0::smallint AS kind, ''::bytea AS id, NULL::tid AS ctid WHERE false")
	}
	w.with("won", strings.Join(won, " UNION ALL "))
	if p&partLog != 0 {
		w.with("logged", `INSERT INTO beckon_events (namespace, kind, id, at, seq, data)
	SELECT $1, e.kind, e.id, e.at, e.seq, e.data
	FROM `+w.unnest("e", logColumns)+` JOIN won USING (kind, id)
	ON CONFLICT (namespace, kind, id, at, seq) DO UPDATE SET data = EXCLUDED.data`)
	}
	if p&partTotals != 0 {
		// Counts of kind 0 belong to no row. Each connection adds to rows of its
		// own, so none waits for another's.
		w.with("counted", `INSERT INTO beckon_totals AS c (namespace, message, name, stripe, count)
	SELECT $1, message, name, `+stripeSQL+`, CASE WHEN `+latestSQL("name")+` THEN max(n) ELSE sum(n)::bigint END
	FROM `+w.unnest("t", totalColumns)+`
	WHERE t.kind = 0 OR EXISTS (SELECT FROM won WHERE won.kind = t.kind AND won.id = t.id)
	GROUP BY message, name ORDER BY message, name
	ON CONFLICT (namespace, message, name, stripe) DO UPDATE SET `+countSQL("greatest"))
	}
	if p&partDue != 0 {
		w.keys("due", dueColumns, "")
	}
	if p&partPending != 0 {
		w.keys("pending", waitColumns, "channels")
	}
	return w.String() + "\nSELECT kind, id, ctid FROM won"
}

// stripeSQL chooses the row of a total: connections at work have process
// numbers that mostly differ.
const stripeSQL = "(pg_backend_pid() % 64)::smallint"

// latestSQL is a condition: the total with the name in this column is the latest
// instant, and no sum ([store.IsLatest]).
func latestSQL(name string) string { return "substr(" + name + ", 1, 5) = 'last.'" }

// countSQL takes what a step counts into the row that is there. The dialects differ in
// the function that returns the greater of two.
func countSQL(greater string) string {
	return "count = CASE WHEN " + latestSQL("c.name") + " THEN " + greater + "(c.count, EXCLUDED.count) ELSE c.count + EXCLUDED.count END"
}

// A sqlWriter joins the parts of a statement and numbers its parameters.
type sqlWriter struct {
	strings.Builder
	next int
}

// update changes rows where they were when they were loaded: what an event changes, and more.
func (w *sqlWriter) update(p parts, columns, more string) string {
	// The second condition says what the first does, in a way that keeps the planner from
	// copying each row into a memory of rows that may come again. It is also the one at which a
	// server looks that has waited for another who changed the row: at the first, one without
	// the minor release of November 2025 does not look again.
	rows, where := w.unnest("u", columns), "r.ctid = k.ctid AND r.ctid IS NOT DISTINCT FROM k.ctid"
	probe := func(where string) {
		rows += "\n	CROSS JOIN LATERAL (SELECT ctid FROM beckon_records WHERE " + where + " OFFSET 0) AS k"
	}
	switch {
	case p&partProbed != 0:
		probe("ctid >= u.ctid AND ctid <= u.ctid AND (namespace, kind, id) IS NOT DISTINCT FROM ($1, u.kind, u.id)")
	case p&partSought != 0:
		probe("namespace = $1 AND kind = u.kind AND id = u.id")
		where += " AND k.ctid IS NOT DISTINCT FROM u.ctid"
	default:
		where = "r.ctid = u.ctid AND r.ctid IS NOT DISTINCT FROM u.ctid AND (r.namespace, r.kind, r.id) IS NOT DISTINCT FROM ($1, u.kind, u.id)"
	}
	return `UPDATE beckon_records AS r SET version = u.version, last_seen = u.last_seen, event_seq = u.event_seq,
		log_count = u.log_count, log_keep = u.log_keep, log_from = u.log_from, stats = u.stats, state = u.state` + more + `
	FROM ` + rows + `
	WHERE ` + where + ` AND r.version = u.version - 1
	RETURNING r.kind, r.id, r.ctid`
}

// keys puts into a table of what waits what rows say that were won, and removes what they have
// said before. That is found key by key, as loadSQL does. The triggers pass by these rows,
// because waits changes: for each row they cost twice as much.
func (w *sqlWriter) keys(name, columns, more string) {
	at, table, conflict := "next_"+name, "beckon_"+name, "NOTHING"
	if more != "" {
		conflict, more = "UPDATE SET "+more+" = EXCLUDED."+more, ", "+more
	}
	w.with(name+"_of", "SELECT w.* FROM "+w.unnest("w", columns)+" JOIN won USING (kind, id)")
	w.with(name+"_no_more", `DELETE FROM `+table+` WHERE ctid = ANY (ARRAY(
		SELECT k.ctid FROM `+name+`_of AS w
		CROSS JOIN LATERAL (SELECT ctid FROM `+table+` WHERE namespace = $1 AND `+at+` = w.was AND kind = w.kind AND id = w.id OFFSET 0) AS k
		WHERE w.was <> 0 AND w.was <> w.at))`)
	w.with(name+"_now", `INSERT INTO `+table+` (namespace, `+at+`, kind, id`+more+`)
	SELECT $1, at, kind, id`+more+` FROM `+name+`_of WHERE at <> 0
	ON CONFLICT (namespace, `+at+`, kind, id) DO `+conflict)
}

// insert makes rows that were not there when they were loaded. If one is there by now, it is
// left out if others race, and else an error.
func (w *sqlWriter) insert(raced bool) string {
	conflict := ""
	if raced {
		conflict = "\n	ON CONFLICT (namespace, kind, id) DO NOTHING"
	}
	return `INSERT INTO beckon_records (namespace, kind, id, version, last_seen, event_seq, log_count, log_keep, log_from, stats, state,
		email, next_due, next_pending, marks, attributes, companies, event_names, terms, channels)
	SELECT $1, kind, id, version, last_seen, event_seq, log_count, log_keep, log_from, stats, state,
		NULLIF(email, ''), NULLIF(next_due, 0), NULLIF(next_pending, 0), marks, attributes::jsonb, companies::jsonb, event_names::jsonb, terms::integer[], channels
	FROM ` + w.unnest("u", madeColumns) + conflict + "\n	RETURNING kind, id, ctid"
}

func (w *sqlWriter) with(name, body string) {
	if w.Len() == 0 {
		w.WriteString("WITH ")
	} else {
		w.WriteString(",\n")
	}
	w.WriteString(name + " AS (" + body + ")")
}

// unnest returns the rows that arrays of columns make. In a list of columns they are
// taken apart as they are needed; in FROM each would first be copied.
//
// The first array is in a SELECT of its own, so that the planner does not see how many
// elements it has. It would else take a plan for one or two of them for so much cheaper than
// one for any that it would plan such a group each time, for a third of the server's work.
func (w *sqlWriter) unnest(as, columns string) string {
	var lists []string
	for c := range strings.SplitSeq(columns, ", ") {
		name, kind, _ := strings.Cut(c, " ")
		array := fmt.Sprintf("$%d::%s[]", w.next, kind)
		if len(lists) == 0 {
			array = "(SELECT " + array + ")"
		}
		lists = append(lists, "unnest("+array+") AS "+name)
		w.next++
	}
	return "(SELECT " + strings.Join(lists, ", ") + ") AS " + as
}
