package sqlstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// A recentModel holds Stores that keep rows against a memstore, in random histories: what they
// decide on, and what is there after it.
type recentModel struct {
	*testing.T
	r      *rand.Rand
	stores []*sqlstore.Store
	model  *memstore.Store
	conn   *pgx.Conn
	keys   []store.Key
	killed bool // connections, since they were last read over
}

// A modelStep is a step that is carried out on both. A Decider may be called several times: what
// counts is the last.
type modelStep struct {
	seed uint64
	seen bool // it is to be seen in the record whether it was carried out
	fail error
	do   func() // once, before it decides
	saw  []byte
}

var errDecided = errors.New("decided against it")

func (m *modelStep) Decide(r *store.Record, c *store.Changes) error {
	m.saw = store.AppendRecord(nil, r)
	if m.do != nil {
		m.do()
		m.do = nil
	}
	random := rand.New(rand.NewPCG(m.seed, 1))
	modelChanges(c, r, random)
	if m.seen {
		c.Delete, c.Clear, c.LastSeen = false, false, r.LastSeen+1
	}
	switch {
	case m.fail == nil:
	case errors.Is(m.fail, errDecided):
		return m.fail
	default:
		panic(m.fail)
	}
	return nil
}

// modelChanges puts a few changes into c.
func modelChanges(c *store.Changes, r *store.Record, random *rand.Rand) {
	n := func() int64 { return random.Int64N(4) }
	some := func(of int) bool { return random.IntN(of) == 0 }
	if some(2) {
		c.Totals = append(c.Totals, store.Increment{Message: "m", Name: fmt.Sprint("n", n()), N: 1}, store.Increment{Message: "m", Name: "last.x", N: r.LastSeen})
	}
	switch {
	case some(8):
		return
	case some(25):
		c.Delete = true
		return
	case some(25):
		c.Clear = true
	}
	c.Touch = some(5)
	if some(2) { // what an event does
		c.LastSeen, c.EventSeq = r.LastSeen+1, r.EventSeq+1
		c.Events, c.KeepEvents = append(c.Events, store.LoggedEvent{Seq: c.EventSeq, Name: name1("e"), At: r.LastSeen, Arrived: 1}), 1+random.IntN(9)
		c.Stats = append(c.Stats, store.Stats{Name: name1(fmt.Sprint("e", random.IntN(6))), Count: r.EventSeq + 1, First: 1, Last: n()})
	}
	if some(4) {
		times := make([]int64, n())
		for i := range times {
			times[i] = n()
		}
		c.Counters = append(c.Counters, store.Counter{Def: fmt.Sprint("def", n()), Count: uint64(n()), Times: times, Keep: 3})
	}
	if some(4) {
		c.SendStats = append(c.SendStats, store.SendStats{Message: fmt.Sprint("m", n()), Count: uint32(n()), Last: 1})
		c.SendLog = append(c.SendLog, store.SendLogEntry{ID: fmt.Sprint("d", random.IntN(9)), At: n(), Message: "m", Tags: []string{"t"}})
		c.SortSendLog = some(3)
	}
	if some(6) {
		c.SendLogDrop = append(c.SendLogDrop, fmt.Sprint("d", random.IntN(9)))
	}
	if some(4) {
		c.Dedup, c.DedupDrop = append(c.Dedup, store.Dedup{Hash: [16]byte{byte(n())}, At: n()}), random.IntN(3)
	}
	if some(6) {
		c.Permits = append(c.Permits, store.Permits{Throttler: fmt.Sprint("t", n()), Count: uint64(n()), Last: 2, Newest: []store.Permit{{At: n(), Sequence: 1}}})
	}
	for range random.IntN(3) {
		p := store.Pending{Until: 1 + n(), Delivery: beckon.Delivery{ID: fmt.Sprint("p", random.IntN(20)), Channel: []beckon.Channel{beckon.Email, beckon.Push, "custom:x"}[random.IntN(3)], Data: map[string]string{"k": fmt.Sprint(n())}}}
		if some(5) {
			p.Until, p.Dead = 1<<63-1, &store.GivenUp{At: 1, Reason: "r"}
		}
		c.Pending = append(c.Pending, p)
	}
	for range random.IntN(3) {
		c.PendingDrop = append(c.PendingDrop, fmt.Sprint("p", random.IntN(20)))
	}
	if some(2) {
		p := store.Profile{Created: 1}
		if r.Profile != nil {
			p = *r.Profile
		}
		switch random.IntN(5) {
		case 0:
			p.Attributes = []store.Attribute{store.NewAttribute("a", beckon.Number(int(n()))), store.NewAttribute("email", beckon.String(fmt.Sprint("A", n(), "@x.test")))}
		case 1:
			p.Companies = []string{fmt.Sprint("c", n())}
		case 2:
			p.Holds = []store.Hold{{Message: "m", Due: 1 + n()}}
		case 3:
			p.Holds, p.SeriesStates = nil, []store.SeriesState{{Series: "s", Block: "b", Since: 1, Due: n()}}
		case 4:
			p.Moving = store.Key{}
			if some(2) {
				p.Moving = user("target")
			}
		}
		c.Profile = &p
	}
}

// round carries out some steps by one call of one Store, and returns the fault that it had: from 8
// on it is none.
func (m *recentModel) round() int {
	m.Helper()
	if m.r.IntN(6) == 0 { // mostly the same as before, which has kept something
		m.stores[0], m.stores[1] = m.stores[1], m.stores[0]
	}
	s := m.stores[0]
	ctx, cancel := context.WithCancel(m.Context())
	defer cancel()
	fault := m.r.IntN(30)
	n := 1 + m.r.IntN(4)
	steps, own := make([]store.Step, n), make([]*modelStep, n)
	for i := range steps {
		own[i] = &modelStep{seed: m.r.Uint64()}
		switch m.r.IntN(12) {
		case 0:
			own[i].fail = errDecided
		case 1:
			own[i].fail = errors.New("panicked")
		}
		k := m.r.IntN(len(m.keys))
		steps[i] = store.Step{Key: m.keys[k], Decider: own[i]}
		if k == 0 && m.r.IntN(3) == 0 && m.exists(m.keys[0]) { // a long id
			steps[i].Key.ID = sqlstore.NameOf(steps[i].Key.ID)
		}
	}
	switch at := m.r.IntN(n); fault {
	case 0: // another writes meanwhile, or what is kept is not there any more
		own[at].do = func() { m.host() }
	case 1:
		steps, own = steps[:1], own[:1]
		own[0].do, own[0].seen, own[0].fail = m.kill, true, nil
	case 2:
		steps, own = steps[:1], own[:1]
		own[0].do, own[0].seen, own[0].fail = cancel, true, nil
	case 3: // refused by the store
		steps[at].Decider = decide(func(r *store.Record, c *store.Changes) error {
			err := own[at].Decide(r, c)
			c.Delete = false
			c.Stats = append(c.Stats, store.Stats{Name: name1("\xff"), Count: 1})
			return err
		})
	case 4: // by the server
		steps[at].Decider = decide(func(r *store.Record, c *store.Changes) error {
			err := own[at].Decide(r, c)
			c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "\xff", N: 1})
			return err
		})
	case 5:
		m.host()
	case 6:
		m.kill()
	case 7:
		sqlstore.Reconnect(s)
	}
	err := s.Step(ctx, steps)
	if fault == 1 || fault == 2 { // it may have been written all the same
		// Another on the same key waits for what is under way.
		nothing := []store.Step{{Key: steps[0].Key, Decider: decide(func(r *store.Record, _ *store.Changes) error {
			if m.lastSeen(r.Key) != r.LastSeen {
				err, steps[0].Err = nil, nil
			}
			return nil
		})}}
		if failed := s.Step(m.Context(), nothing); failed != nil {
			m.Fatal(failed)
		}
	}
	for i := range steps {
		failed := own[i].fail != nil && steps[i].Err != nil
		if (err != nil || steps[i].Err != nil) && !failed && (fault == 0 || fault > 4) {
			m.Fatalf("fault %d: %v, %v", fault, err, steps[i].Err)
		}
		if err != nil || steps[i].Err != nil && !failed { // it is to have no effect, whatever it saw
			continue
		}
		key := steps[i].Key
		if key.ID == sqlstore.NameOf(m.keys[0].ID) {
			key.ID = m.keys[0].ID
		}
		again := []store.Step{{Key: key, Decider: &modelStep{seed: own[i].seed, seen: own[i].seen, fail: own[i].fail}}}
		if err := m.model.Step(m.Context(), again); err != nil {
			m.Fatal(err)
		}
		if (again[0].Err == nil) != (steps[i].Err == nil) {
			m.Fatalf("%v, want %v", steps[i].Err, again[0].Err)
		}
		if want := again[0].Decider.(*modelStep).saw; fault != 3 && (fault != 4 || !failed) && !bytes.Equal(own[i].saw, want) {
			m.Fatalf("fault %d: step %d of %d on %.20q decided on\n%q\nwant\n%q", fault, i, n, key.ID, own[i].saw, want)
		}
	}
	return fault
}

func (m *recentModel) lastSeen(key store.Key) (n int64) {
	_ = m.model.Read(m.Context(), []store.Key{key}, func(r *store.Record) error { n = r.LastSeen; return nil })
	return n
}

func (m *recentModel) exists(key store.Key) (there bool) {
	_ = m.model.Read(m.Context(), []store.Key{key}, func(r *store.Record) error { there = r.Exists; return nil })
	return there
}

// host does something to the table that changes no record.
func (m *recentModel) host() {
	m.Helper()
	for _, sql := range strings.Split([]string{
		"UPDATE beckon_records SET state = state", "VACUUM beckon_records", "VACUUM FULL beckon_records", "CLUSTER beckon_records USING beckon_records_pkey", "ANALYZE",
		"UPDATE beckon_records SET state = state; VACUUM beckon_records; UPDATE beckon_records SET state = state",
		"DROP TABLE IF EXISTS x; CREATE TEMP TABLE x AS SELECT * FROM beckon_records ORDER BY random(); WITH gone AS (DELETE FROM beckon_records) SELECT; VACUUM beckon_records; INSERT INTO beckon_records SELECT * FROM x; DROP TABLE x",
	}[m.r.IntN(7)], ";") {
		if _, err := m.conn.Exec(m.Context(), sql); err != nil {
			if pg := new(pgconn.PgError); !errors.As(err, &pg) || pg.Code != "55P03" { // a step has locked its row
				m.Error(sql, err)
			}
			return
		}
	}
}

// kill ends all connections of the Stores.
func (m *recentModel) kill() {
	m.Helper()
	m.killed = true
	const others = " FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
	if _, err := m.conn.Exec(m.Context(), "SELECT pg_terminate_backend(pid)"+others); err != nil {
		m.Error(err)
	}
	for n := 1; n > 0; {
		if err := m.conn.QueryRow(m.Context(), "SELECT count(*)"+others).Scan(&n); err != nil {
			m.Fatal(err)
		}
	}
}

// compare wants that the Stores and the model have the same.
func (m *recentModel) compare() {
	m.Helper()
	if m.killed {
		for _, s := range m.stores {
			sqlstore.Reconnect(s)
		}
		m.killed = false
	}
	forms := func(s store.Store) (out [][]byte) {
		if err := s.Read(m.Context(), m.keys, func(r *store.Record) error { out = append(out, store.AppendRecord(nil, r)); return nil }); err != nil {
			m.Fatal(err)
		}
		return out
	}
	s := m.stores[m.r.IntN(len(m.stores))]
	if got, want := forms(s), forms(m.model); !slices.EqualFunc(got, want, bytes.Equal) {
		m.Fatalf("there are\n%q\nwant\n%q", got, want)
	}
	for _, key := range m.keys {
		got, err := s.Events(m.Context(), key, store.EventCursor{}, 100)
		want, _ := m.model.Events(m.Context(), key, store.EventCursor{}, 100)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			m.Fatalf("%v: logged\n%v\nwant\n%v", err, got, want)
		}
	}
	totals := func(s store.Store) string {
		list, err := s.Totals(m.Context(), "m")
		if err != nil {
			m.Fatal(err)
		}
		list = slices.DeleteFunc(list, func(t store.Total) bool { return t.Count == 0 })
		slices.SortFunc(list, func(a, b store.Total) int { return strings.Compare(a.Name, b.Name) })
		return fmt.Sprint(list)
	}
	if got, want := totals(s), totals(m.model); got != want {
		m.Fatalf("totals %s, want %s", got, want)
	}
	if is := disagree(m.T, m.conn); is != "" {
		m.Fatalf("of one table only: %s", is)
	}
	for _, q := range []store.Query{
		{Kinds: []store.Kind{store.KindUser, store.KindThrottle}}, {Due: 2}, {Due: 9}, {Pending: 2}, {Pending: 9}, {Email: "a1@x.test"}, {Moving: true},
	} {
		found := func(s store.Store) (ids []string) {
			q := q
			q.ToStep = m.r.IntN(2) == 0
			if _, err := s.Scan(m.Context(), q, "", 100, func(r *store.Record) error { ids = append(ids, fmt.Sprint(r.Key.Kind, r.Key.ID)); return nil }); err != nil {
				m.Fatal(err)
			}
			slices.Sort(ids)
			return ids
		}
		if got, want := found(s), found(m.model); !slices.Equal(got, want) {
			m.Fatalf("%+v finds %.50q, want %.50q", q, got, want)
		}
	}
}

// Stores that keep rows do in random histories what memstore does: they decide on what is there,
// whatever became of the steps before, of their connections and of the table.
func TestRecentModel(t *testing.T) {
	t.Parallel()
	const histories, rounds = 3, 50
	url := postgresURL(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	one, two := openPostgres(t, url), openPool(t, url, func(*pgxpool.Config) {})
	sqlstore.Seek(two)
	for i := range histories {
		m := &recentModel{T: t, r: r, stores: []*sqlstore.Store{one, two}, model: memstore.New(), conn: connect(t, url), keys: []store.Key{
			user(fmt.Sprint(i, strings.Repeat("lo", 501))), user(fmt.Sprint(i, "a")), {Kind: store.KindThrottle, ID: fmt.Sprint(i, "b")}, user(fmt.Sprint(i, "c")),
		}}
		if _, err := m.conn.Exec(t.Context(), "SET lock_timeout = '20ms'"); err != nil {
			t.Fatal(err)
		}
		sqlstore.Exec(t, one, "DELETE FROM beckon_records")
		sqlstore.Exec(t, one, "DELETE FROM beckon_totals")
		sqlstore.Exec(t, one, "DELETE FROM beckon_events")
		for range rounds {
			if m.round() < 8 || m.r.IntN(3) == 0 {
				m.compare()
			}
		}
		m.compare()
	}
}
