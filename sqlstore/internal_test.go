package sqlstore

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/beckon-go/beckon/store"
)

// Ids of whatever length and beginning have columns that differ.
func TestColumnID(t *testing.T) {
	long := strings.Repeat("x", maxID)
	ids := []string{"", "a", "\xff", "\xffa", long, long + "a", long + "b", long + long, "y" + long}
	ids = append(ids, string(columnID(long+"a"))) // what looks like a long one
	seen := make(map[string]string)
	for _, id := range ids {
		column := columnID(id)
		if other, twice := seen[string(column)]; twice || len(column) > maxID || column == nil {
			t.Errorf("%.20q and %.20q have one column, of %d bytes", id, other, len(column))
		}
		seen[string(column)] = id
		r := store.Record{Key: store.Key{Kind: store.KindUser, ID: id}, Exists: true}
		raw := rawRow{stats: []byte("{}"), state: (&row{rec: r}).appendState(nil, columnID(r.Key.ID))}
		var back row
		if err := back.decode(store.Key{Kind: store.KindUser, ID: string(column)}, column, &raw, nil); err != nil || back.rec.Key != r.Key {
			t.Errorf("%.20q came back as %.20q, %v", id, back.rec.Key.ID, err)
		}
	}
}

// However steps change the limits, the log that is cut late shows what one
// that is cut at once has, and never holds much more.
func TestLogAgainstModel(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		var (
			state logState
			table []store.LoggedEvent // newest first
			model []store.LoggedEvent
		)
		newest := func(list []store.LoggedEvent, l logState) []store.LoggedEvent {
			out := slices.DeleteFunc(slices.Clone(list[:min(int(l.keep), len(list))]), func(e store.LoggedEvent) bool { return e.At < l.from })
			return out
		}
		put := func(list []store.LoggedEvent, e store.LoggedEvent) []store.LoggedEvent {
			order := func(a, b store.LoggedEvent) int {
				if a.At != b.At {
					return int(b.At - a.At)
				}
				return int(b.Seq) - int(a.Seq)
			}
			i, found := slices.BinarySearchFunc(list, e, order)
			if found {
				list[i] = e
				return list
			}
			return slices.Insert(list, i, e)
		}
		keep, from := 3, int64(0)
		for step := range 300 {
			var c store.Changes
			switch random.IntN(30) {
			case 0:
				keep = random.IntN(6)
			case 1:
				from = random.Int64N(40)
			case 2:
				c.Clear = true
			case 3:
				c.Delete = true
			}
			for range random.IntN(3) {
				c.Events = append(c.Events, store.LoggedEvent{At: random.Int64N(60), Seq: random.Uint64N(400)})
			}
			c.KeepEvents, c.EventsFrom = keep, from

			do, after := state.change(&c, store.Key{})
			if do.clear {
				table = nil
			}
			if do.cut != nil {
				table = newest(table, *do.cut)
			}
			for _, e := range do.insert {
				table = put(table, store.LoggedEvent{At: e.At, Seq: e.Seq})
			}
			if do.trim != nil {
				table = newest(table, *do.trim)
			}
			state = after

			if c.Delete || c.Clear {
				model = nil
			}
			if len(c.Events) > 0 && !c.Delete {
				for _, e := range c.Events {
					model = put(model, e)
				}
				// As stores are to do it: the newest keep, and of those the ones from then on.
				model = newest(model, logState{keep: int64(keep), from: from})
			}
			if got := newest(table, state); !slices.Equal(eventMarks(got), eventMarks(model)) {
				t.Fatalf("seed %d, step %d: %v, want %v", seed, step, eventMarks(got), eventMarks(model))
			}
			if int64(len(table)) > state.keep+state.slack() || int64(len(table)) > state.count {
				t.Fatalf("seed %d, step %d: the table has %d, the state says %+v", seed, step, len(table), state)
			}
		}
	}
}

func eventMarks(list []store.LoggedEvent) []store.EventCursor {
	out := []store.EventCursor{}
	for _, e := range list {
		out = append(out, store.EventCursor{At: e.At, Seq: e.Seq})
	}
	return out
}

// A scan begins with as many rows at once as those of its kind before it allow, and with
// few if there were none.
func TestPageMemoryAtOnce(t *testing.T) {
	m := newPageMemory()
	for _, c := range []struct{ rows, bytes, want int }{
		{0, 0, maxPage}, {10, 10 * 100, longestPage}, {0, 0, longestPage}, {10, 10 * 600, 2048}, {4, 4 * 5_000, 256}, {1, 3 << 20, maxPage / 8},
	} {
		m.data, m.rows = make([]byte, c.bytes), make([]rawEnd, c.rows)
		m.measure(store.KindUser)
		if got := m.atOnce(store.KindUser); got != c.want {
			t.Errorf("after %d rows of %d bytes together: %d, want %d", c.rows, c.bytes, got, c.want)
		}
		if got := m.atOnce(store.KindEmail); got != maxPage {
			t.Errorf("%d rows of a kind that was not read", got)
		}
	}
}

// What a host has to set up in another way is said in words.
func TestSharedSessions(t *testing.T) {
	for _, state := range []string{"42P05", "26000"} {
		err := wrap("open", &pgconn.PgError{Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: state})
		if !errors.Is(err, ErrSetup) || !strings.Contains(err.Error(), "QueryExecModeExec") {
			t.Errorf("%s: %v", state, err)
		}
	}
}
