package conformance

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/dump"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/throttle"
)

// One list of random operations makes the same history on every store: the same
// results, refusals included, and in the end the same records, logs and totals,
// byte for byte. What is moved from store to store is the same there.
func TestOneHistory(t *testing.T) {
	const seed = 20260312 // each operation goes well at least once, among the first thousand, too
	operations := 10_000
	if testing.Short() {
		operations = 1000
	}
	want := newHistory(t, mustOpen(t, place{Kind: "memory"}), seed).play(operations)
	kinds := make(map[string]int)
	for _, line := range want {
		name, outcome, _ := strings.Cut(line, " ")
		if kinds[name]++; !strings.Contains(outcome, "error:") {
			kinds[name+" went well"]++
		}
	}
	for _, name := range operationNames() {
		if kinds[name+" went well"] == 0 {
			t.Errorf("in %d operations there was no %s that went well", operations, name)
		}
	}
	for _, b := range shared() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			h := newHistory(t, mustOpen(t, b.at(t)), seed)
			h.want = want
			if got := h.play(operations); len(got) != len(want) {
				t.Fatalf("the history has %d lines, in memory it has %d", len(got), len(want))
			}
			moved(t, h, b)
		})
	}
}

// moved moves what a history has left to a fresh store in memory, and from there
// to a fresh one of the same kind: that is there, byte for byte.
func moved(t *testing.T, h *history, b backend) {
	t.Helper()
	between, last := mustOpen(t, place{Kind: "memory"}), mustOpen(t, b.at(t))
	if _, err := dump.Copy(h.ctx, between, h.store); err != nil {
		t.Fatal(err)
	}
	if _, err := dump.Copy(h.ctx, last, between); err != nil {
		t.Fatal(err)
	}
	want := &history{t: t, ctx: h.ctx, store: h.store, messages: h.messages}
	want.dump()
	for _, store := range []beckon.Store{between, last} {
		got := &history{t: t, ctx: h.ctx, store: store, messages: h.messages, want: want.lines}
		got.dump()
		if len(got.lines) != len(want.lines) {
			t.Errorf("%d lines were moved, %d are there", len(want.lines), len(got.lines))
		}
	}
}

// A history is one store with an engine over it, and random operations that
// depend on nothing but the seed and what earlier ones returned.
type history struct {
	t        *testing.T
	ctx      context.Context
	store    beckon.Store
	engine   *beckon.Engine
	throttle *beckon.Throttler
	now      time.Time
	random   *rand.Rand
	recent   []beckon.Delivery // of late, to be acknowledged or given back
	messages map[string]bool
	lines    []string
	want     []string // what the lines must be; nil if that is not known
}

func newHistory(t *testing.T, store beckon.Store, seed uint64) *history {
	t.Helper()
	h := &history{t: t, ctx: context.Background(), store: store, now: noon(), random: rand.New(rand.NewPCG(seed, 1)), messages: map[string]bool{}}
	clock := func() time.Time { return h.now }
	var err error
	if h.engine, err = beckon.New(store, beckon.WithClock(clock), beckon.WithOutbox(), beckon.WithRecentEvents(20), beckon.WithRepeatsLimit(15), beckon.WithSendLog(25)); err != nil {
		t.Fatal(err)
	}
	if h.throttle, err = beckon.NewThrottler(store, beckon.Frequency{Every: beckon.Hours(1)}, throttle.WithClock(clock)); err != nil {
		t.Fatal(err)
	}
	for _, p := range programs() {
		for _, m := range p.Messages {
			h.messages[m.ID] = true
		}
	}
	h.messages["walk-1"] = true
	return h
}

// play returns a line for each operation, then one for each record, log and total.
func (h *history) play(operations int) []string {
	h.note("Publish", h.engine.Publish(h.ctx, programs()[0]))
	names := operationNames()
	for range operations {
		h.now = h.now.Add(time.Duration(h.random.Int64N(int64(12 * time.Minute))).Truncate(time.Millisecond))
		if h.random.IntN(150) == 0 {
			h.now = h.now.Add(-time.Hour) // clocks step back (F6)
		}
		h.operate(names[h.random.IntN(len(names))])
	}
	h.dump()
	return h.lines
}

// note adds what an operation returned: values as JSON.
func (h *history) note(name string, values ...any) {
	var b strings.Builder
	b.WriteString(name)
	for _, v := range values {
		b.WriteByte(' ')
		switch v := v.(type) {
		case nil:
			b.WriteString("well")
		case error:
			b.WriteString("error: " + v.Error())
		default:
			text, err := json.Marshal(v)
			if err != nil {
				h.t.Fatal(err)
			}
			b.Write(text)
		}
	}
	h.add(b.String())
}

// add adds a line, and ends the test at the first that is not as it must be.
func (h *history) add(line string) {
	i := len(h.lines)
	h.lines = append(h.lines, line)
	if i >= len(h.want) || h.want[i] == line {
		return
	}
	want, at := h.want[i], 0
	for at < len(want) && at < len(line) && want[at] == line[at] {
		at++
	}
	from := max(0, at-300)
	h.t.Fatalf("line %d of the history differs at byte %d:\n%.40s … %.1000s\nin memory:\n%.40s … %.1000s", i, at, line, line[from:], want, want[from:])
}

// run takes a run to its end. Stores scan in orders of their own, so what it
// yields is sorted.
func (h *history) run(name string, run iter.Seq2[beckon.Delivery, error]) {
	var all []beckon.Delivery
	var failed error
	for d, err := range run {
		if err != nil {
			failed = err
			continue
		}
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b beckon.Delivery) int {
		return strings.Compare(a.ID+a.Contact.UserID+a.Contact.AnonymousID, b.ID+b.Contact.UserID+b.Contact.AnonymousID)
	})
	h.keep(all)
	h.note(name, all, failed)
}

func (h *history) keep(all []beckon.Delivery) {
	h.recent = append(h.recent, all...)
	h.recent = h.recent[max(0, len(h.recent)-40):]
}

func (h *history) dump() {
	all := []store.Kind{}
	for k := store.KindUser; k <= store.KindThrottle; k++ {
		all = append(all, k)
	}
	var keys []store.Key
	var lines []string
	scan := func(q store.Query, fn func(*store.Record)) {
		for at := store.Cursor(""); ; {
			next, err := h.store.Scan(h.ctx, q, at, 100, func(r *store.Record) error { fn(r); return nil })
			if err != nil {
				h.t.Fatal(err)
			}
			if at = next; at == "" {
				return
			}
		}
	}
	scan(store.Query{Kinds: all}, func(r *store.Record) {
		key := r.Key
		keys = append(keys, key)
		lines = append(lines, fmt.Sprintf("record %v %s", key, hex.EncodeToString(store.AppendRecord(nil, r))))
	})
	for _, q := range []store.Query{{Due: 1 << 50}, {Pending: 1 << 50}, {Moving: true}} {
		scan(q, func(r *store.Record) { lines = append(lines, fmt.Sprintf("index %+v %v", q, r.Key)) })
	}
	for _, key := range keys {
		events, err := h.store.Events(h.ctx, key, store.EventCursor{}, 1000)
		if err != nil {
			h.t.Fatal(err)
		}
		for i := range events {
			lines = append(lines, fmt.Sprintf("event %v %06d %s", key, i, hex.EncodeToString(store.AppendLoggedEvent(nil, &events[i]))))
		}
	}
	for message := range h.messages {
		totals, err := h.store.Totals(h.ctx, message)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, x := range totals {
			if x.Count == 0 {
				continue // it came and went by the order of a scan, which stores have of their own
			}
			lines = append(lines, fmt.Sprintf("total %s %s %d", message, x.Name, x.Count))
		}
	}
	slices.Sort(lines)
	for _, line := range lines {
		h.add(line)
	}
}
