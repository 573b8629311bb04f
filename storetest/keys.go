package storetest

import (
	"slices"
	"strings"

	"github.com/beckon-go/beckon/store"
)

// keyCases are about records not being mistaken for one another.
func keyCases() []testCase {
	return []testCase{
		{name: "keys/hostile ids", run: hostileIDs},
		{name: "keys/hostile messages", run: hostileMessages},
	}
}

// hostile are texts that a store which joins, folds, cuts, trims or normalises
// what it is given takes for one another.
func hostile() []string {
	return []string{
		"", " ", "a", "A", "a ", " a", "a:b", "a:b:c", ":a", "a:", "b:c", "a/b", "a\\b", "a%3Ab", "a%", "a_", "%", "_", "*", "?", "[a]",
		"a\x00", "a\x00b", "\x00", "a\nb", "a\tb", "'", "''", `"`, "a' OR '1'='1", "; DROP TABLE records", "{a}", "a{b}",
		"é", "e\u0301", "ſ", "s", "S", "K", "k", "\u212a", "İ", "i", "ß", "ss", "日本", "\U0001f600", "\ufeffa", "a\u200b", "\u202ea",
		"null", "NULL", "0", "00", "0x0", "1", "01", "__proto__", "..", "../a",
		strings.Repeat("x", 255), strings.Repeat("x", 256), strings.Repeat("x", 1000), strings.Repeat("x", 1000) + "y",
		strings.Repeat("\U0001f600", 250), strings.Repeat("\U0001f600", 249) + "\U0001f601",
	}
}

func hostileIDs(e *env) {
	var all []store.Key
	for _, kind := range []store.Kind{store.KindUser, store.KindContact, store.KindEmail, store.KindThrottle} {
		for _, id := range hostile() {
			all = append(all, store.Key{Kind: kind, ID: id})
		}
	}
	for i, key := range all {
		e.step(key, always(func(c *store.Changes) {
			c.LastSeen = int64(i + 1)
			c.Events, c.KeepEvents = append(c.Events, store.LoggedEvent{Seq: 1, Name: name("e"), At: int64(i + 1)}), 10
		}))
	}
	check := func(i int, key store.Key) {
		if r := e.read(key); r.Key != key || r.LastSeen != int64(i+1) {
			e.Errorf("%d %q: read as %d %q with %d, want %d", key.Kind, key.ID, r.Key.Kind, r.Key.ID, r.LastSeen, i+1)
		}
		if log := e.events(key, store.EventCursor{}, 10); len(log) != 1 || log[0].At != int64(i+1) {
			e.Errorf("%d %q: events %+v, want the one at %d", key.Kind, key.ID, log, i+1)
		}
	}
	for i, key := range all {
		check(i, key)
	}
	found := keys(e.scan(store.Query{Kinds: []store.Kind{store.KindUser, store.KindContact, store.KindEmail, store.KindThrottle}}, 17))
	slices.SortFunc(found, store.Key.Compare)
	want := slices.SortedFunc(slices.Values(all), store.Key.Compare)
	if !slices.Equal(found, want) {
		e.Errorf("a scan found %d records of %d, or others", len(found), len(want))
	}
	for i, key := range all {
		if i%2 == 0 {
			e.remove(key)
		}
	}
	for i, key := range all {
		if i%2 == 1 {
			check(i, key)
		} else if e.read(key).Exists {
			e.Errorf("%d %q is still there", key.Kind, key.ID)
		}
	}
}

// Names of messages, totals and sections are texts just as hostile.
func hostileMessages(e *env) {
	key := user("u")
	for i, id := range hostile() {
		if id == "" {
			continue // no message is called so
		}
		e.step(key, always(func(c *store.Changes) {
			c.Totals = append(c.Totals, store.Increment{Message: id, Name: "sent", N: int64(i + 1)}, store.Increment{Message: "m", Name: id, N: int64(i + 1)})
			c.Stats = append(c.Stats, store.Stats{Name: name(id), Count: uint64(i + 1)})
			c.SendStats = append(c.SendStats, store.SendStats{Message: id, Count: uint32(i + 1)})
			c.SendLog = append(c.SendLog, store.SendLogEntry{ID: id, At: int64(i + 1)})
			c.Counters = append(c.Counters, store.Counter{Def: id, Count: uint64(i + 1)})
		}))
	}
	model := &store.Record{Key: key}
	names := e.totals("m")
	for i, id := range hostile() {
		if id == "" {
			continue
		}
		model.Apply(&store.Changes{
			Stats: []store.Stats{{Name: name(id), Count: uint64(i + 1)}}, SendStats: []store.SendStats{{Message: id, Count: uint32(i + 1)}},
			SendLog: []store.SendLogEntry{{ID: id, At: int64(i + 1)}}, Counters: []store.Counter{{Def: id, Count: uint64(i + 1)}},
		})
		if id != "m" && e.totals(id)["sent"] != int64(i+1) || names[id] != int64(i+1) {
			e.Errorf("%q: totals %v and %d, want %d", id, e.totals(id), names[id], i+1)
		}
	}
	if got := e.read(key); !same(got, model) {
		e.Errorf("rows were mistaken for one another, or stand in another order:\n got %+v\nwant %+v", got, model)
	}
}
