package dump_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/dump"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/throttle"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// lived returns a store in which an engine has been at work: it has records of
// every kind, and something in every section of them.
func lived(t testing.TB, contacts int) *memstore.Store {
	t.Helper()
	ctx, now := context.Background(), noon
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	clock := func() time.Time { return now }
	store := memstore.New()
	engine, err := beckon.New(store, beckon.WithClock(clock), beckon.WithOutbox())
	must(err)
	live := func(id string, edit func(*beckon.Message)) beckon.Message {
		m := beckon.Message{ID: id, Channel: beckon.Email, Status: beckon.Live, Tags: []string{"t"}, Content: beckon.Content{Body: id}}
		edit(&m)
		return m
	}
	must(engine.Publish(ctx, beckon.Program{
		Caps: []beckon.Cap{{ID: "cap", Tag: "t", Max: 4, Within: beckon.Days(1)}},
		Messages: []beckon.Message{
			live("often", func(m *beckon.Message) {
				m.Trigger = beckon.On("e")
				m.Frequency = &beckon.Frequency{Every: beckon.Seconds(0)}
				m.Goal = &beckon.Goal{Rule: beckon.Did("bought").AtLeast(1), Within: beckon.Days(1)}
				m.Audience = beckon.Did("e").Within(beckon.Weeks(1)).AtMost(1000)
			}),
			live("half", func(m *beckon.Message) { m.Trigger, m.Control = beckon.On("e"), 0.5 }),
			live("late", func(m *beckon.Message) { m.Trigger = beckon.On("e").Unless("f", beckon.Hours(1), "") }),
			live("news", func(m *beckon.Message) { m.Audience = beckon.User("plan").Is("pro") }),
			live("never", func(m *beckon.Message) { m.Trigger, m.Audience = beckon.On("e"), beckon.User("plan").Is("none") }),
			live("draft", func(m *beckon.Message) { m.Trigger, m.Status = beckon.On("e"), beckon.Draft }),
		},
		Series: []beckon.Series{{ID: "s", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("e")}, Blocks: []beckon.Block{
			{ID: "wait", Wait: beckon.Days(1)},
		}}},
	}))
	for i := range contacts {
		id := fmt.Sprint("contact ", i)
		_, err := engine.Update(ctx, beckon.Contact{
			UserID: id, Attributes: beckon.Attributes{"plan": beckon.String("pro")},
			Unsubscribed: []string{"push"}, Companies: []beckon.Membership{{CompanyID: "acme", Name: "Acme"}},
		})
		must(err)
		for k := range i % 7 * 20 { // more events than a page has
			_, err = engine.Track(ctx, beckon.Event{
				Name: "e", UserID: id, EventID: fmt.Sprint(k), Page: &beckon.Page{URL: "https://x.test/"},
				Metadata: beckon.Fields{{Key: "k", Value: beckon.String("v\x00ü")}},
			})
			must(err)
		}
		_, err = engine.Track(ctx, beckon.Event{Name: "e", AnonymousID: id})
		must(err)
		_, err = engine.Track(ctx, beckon.Event{Name: "bought", Email: fmt.Sprintf("%d@example.com", i)})
		must(err)
		_, err = engine.Visit(ctx, beckon.Visit{ID: id})
		must(err)
		if i%3 == 0 {
			_, err := engine.Merge(ctx, beckon.Identity{AnonymousID: id}, beckon.Identity{UserID: id})
			must(err)
		}
		now = now.Add(time.Second)
	}
	for d, err := range engine.Sweep(ctx) {
		must(err)
		if len(d.ID)%2 == 0 {
			must(engine.Acknowledge(ctx, d))
		}
	}
	must(engine.Describe(ctx, "e", "an event"))
	must(engine.Pause(ctx, "half"))
	throttler, err := beckon.NewThrottler(store, beckon.Frequency{Every: beckon.Minutes(1)}, throttle.WithClock(clock))
	must(err)
	_, err = throttler.Take(ctx, "key")
	must(err)
	return store
}

// written returns a dump of a store.
func written(t testing.TB, from beckon.Store, opts ...dump.Option) ([]byte, dump.Counts) {
	t.Helper()
	var data bytes.Buffer
	counts, err := dump.Write(context.Background(), from, &data, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return data.Bytes(), counts
}

// Through a file or directly, what comes is what was there, also when it comes
// twice, and over what was there before.
func TestMove(t *testing.T) {
	ctx := context.Background()
	from := lived(t, 100)
	want := from.Snapshot()
	data, counts := written(t, from, dump.Messages("draft"))
	if counts.Records < 300 || counts.Events < 1000 || counts.Messages != 7 {
		t.Fatalf("the test moves too little: %+v", counts)
	}
	if got, err := dump.Verify(bytes.NewReader(data)); err != nil || got != counts {
		t.Errorf("Verify: %+v, %v; want %+v", got, err, counts)
	}
	to := memstore.New()
	for i, opts := range [][]dump.Option{nil, {dump.Replace()}, {nil, dump.Replace()}} {
		got, err := dump.Read(ctx, to, bytes.NewReader(data), opts...)
		if err != nil || got != counts {
			t.Fatalf("import %d: %+v, %v; want %+v", i, got, err, counts)
		}
		if !bytes.Equal(to.Snapshot(), want) {
			t.Fatalf("after import %d the stores differ", i)
		}
	}
	direct := memstore.New()
	if got, err := dump.Copy(ctx, direct, from, dump.Messages("draft")); err != nil || got != counts || !bytes.Equal(direct.Snapshot(), want) {
		t.Errorf("Copy: %+v, %v", got, err)
	}
	// Over another store's contents: what it has of the same keys is replaced.
	other := lived(t, 20)
	if _, err := dump.Read(ctx, other, bytes.NewReader(data)); !errors.Is(err, dump.ErrNotEmpty) || !strings.Contains(err.Error(), "dump.Replace") {
		t.Errorf("into a store with records: %v", err)
	}
	if _, err := dump.Copy(ctx, other, from); !errors.Is(err, dump.ErrNotEmpty) {
		t.Errorf("Copy into a store with records: %v", err)
	}
	if _, err := dump.Copy(ctx, other, from, dump.Replace(), dump.Messages("draft")); err != nil || !bytes.Equal(other.Snapshot(), want) {
		t.Errorf("replacing: %v, or the stores differ", err)
	}
	// The same contents have the same form.
	if again, _ := written(t, from, dump.Messages("draft")); !bytes.Equal(again, data) {
		t.Error("a second dump differs")
	}
}

// An engine goes on over the new store where it was over the old: caps are
// taken, repeats known, and what waits is due.
func TestMoveThenGoOn(t *testing.T) {
	ctx := context.Background()
	from, to := lived(t, 10), memstore.New()
	if _, err := dump.Copy(ctx, to, from); err != nil {
		t.Fatal(err)
	}
	later := noon.Add(2 * time.Hour)
	var got []string
	for _, store := range []beckon.Store{from, to} {
		engine, err := beckon.New(store, beckon.WithClock(func() time.Time { return later }), beckon.WithOutbox())
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for d, err := range engine.Pending(ctx) {
			fmt.Fprintln(&b, d.ID, d.Attempt, err)
		}
		res, err := engine.Track(ctx, beckon.Event{Name: "e", UserID: "contact 3", EventID: "1"})
		fmt.Fprintln(&b, res.Duplicate, len(res.Deliveries), err)
		for _, id := range []string{"often", "half", "news", "never"} {
			totals, err := engine.Totals(ctx, id)
			fmt.Fprintln(&b, totals, err)
		}
		got = append(got, b.String())
	}
	if got[0] != got[1] || strings.Count(got[0], "\n") < 10 {
		t.Errorf("the old:\n%s\nthe new:\n%s", got[0], got[1])
	}
}

// Over a store that goes on, the later instant at which a message was sent stays, and
// counts are replaced.
func TestReplaceKeepsTheLaterSend(t *testing.T) {
	ctx := context.Background()
	total := func(in beckon.Store, name string) (n int64) {
		list, err := in.Totals(ctx, "often")
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			if x.Name == name {
				n = x.Count
			}
		}
		return n
	}
	short, long := lived(t, 10), lived(t, 20)
	sent, last := total(short, "sent"), total(short, "last.sent")
	later := total(long, "last.sent")
	if sent == 0 || last < noon.UnixMilli() || later <= last || total(long, "sent") == sent {
		t.Fatalf("the test moves too little: %d, %d, %d", sent, last, later)
	}
	for range 2 {
		if _, err := dump.Copy(ctx, long, short, dump.Replace()); err != nil {
			t.Fatal(err)
		}
		if n, at := total(long, "sent"), total(long, "last.sent"); n != sent || at != later {
			t.Errorf("sent %d times, last %d; want %d and %d", n, at, sent, later)
		}
	}
	if _, err := dump.Copy(ctx, short, long, dump.Replace()); err != nil {
		t.Fatal(err)
	}
	if at := total(short, "last.sent"); at != later {
		t.Errorf("last sent %d, want %d", at, later)
	}
}

// The totals of a message that never was live come only if it is named.
func TestMoveDrafts(t *testing.T) {
	ctx := context.Background()
	from := lived(t, 5)
	for _, opts := range [][]dump.Option{nil, {dump.Messages("draft", "nobody")}} {
		to := memstore.New()
		counts, err := dump.Copy(ctx, to, from, opts...)
		if err != nil {
			t.Fatal(err)
		}
		if want := int64(6 + len(opts)); counts.Messages != want { // five messages and a series; nobody has no totals
			t.Errorf("%d options: totals of %d messages, want %d", len(opts), counts.Messages, want)
		}
		list, err := to.Totals(ctx, "draft")
		if err != nil || len(list) != len(opts) {
			t.Errorf("%d options: %v, %v", len(opts), list, err)
		}
	}
}

// Cut anywhere or changed anywhere, a dump is refused, with the place; what
// stood whole before it is there, and a repeat with a sound one heals it.
func TestDamaged(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	ctx := context.Background()
	from := lived(t, 12)
	data, all := written(t, from)
	check := func(what string, bad []byte, at int) {
		t.Helper()
		to := memstore.New()
		got, err := dump.Read(ctx, to, bytes.NewReader(bad))
		var damaged *dump.DamagedError
		if !errors.As(err, &damaged) || !errors.Is(err, store.ErrDataCorrupt) && !errors.Is(err, store.ErrDataVersion) {
			t.Fatalf("%s: %+v, %v", what, got, err)
		}
		if damaged.Offset > int64(at) || damaged.Whole.Records > all.Records || got != damaged.Whole {
			t.Fatalf("%s: %+v, in the store %+v", what, damaged, got)
		}
		if _, failed := dump.Verify(bytes.NewReader(bad)); failed == nil || failed.Error() != err.Error() {
			t.Fatalf("%s: Read says %v, Verify %v", what, err, failed)
		}
		if at%9 == 0 {
			if _, err := dump.Read(ctx, to, bytes.NewReader(data), dump.Replace()); err != nil {
				t.Fatalf("%s: the repeat: %v", what, err)
			}
			fresh := memstore.New()
			if _, err := dump.Read(ctx, fresh, bytes.NewReader(data)); err != nil || !bytes.Equal(to.Snapshot(), fresh.Snapshot()) {
				t.Fatalf("%s: after the repeat the stores differ, %v", what, err)
			}
		}
	}
	step := len(data)/120 + 1
	for i := 0; i < len(data); i += step {
		check(fmt.Sprintf("cut to %d bytes", i), data[:i], i)
		bad := bytes.Clone(data)
		bad[i] ^= 1 << (i % 8)
		check(fmt.Sprintf("byte %d changed", i), bad, i)
	}
	for i := range 40 { // the head and the first frames, every byte
		bad := bytes.Clone(data)
		bad[i] ^= 0x10
		check(fmt.Sprintf("byte %d changed", i), bad, i)
		check(fmt.Sprintf("cut %d bytes", i+1), data[:len(data)-i-1], len(data))
	}
	check("a byte more", append(bytes.Clone(data), 0), len(data))
	check("twice", append(bytes.Clone(data), data...), len(data))
}

// A newer version is told from damage.
func TestVersions(t *testing.T) {
	for version, want := range map[byte]beckon.Code{2: store.ErrDataVersion, 255: store.ErrDataVersion} {
		data, _ := written(t, memstore.New())
		data[len("beckon dump\n")] = version
		if _, err := dump.Verify(bytes.NewReader(data)); !errors.Is(err, want) {
			t.Errorf("version %d: %v, want %v", version, err, want)
		}
	}
}

// Pinned: what one version has written all later ones read.
func TestForm(t *testing.T) {
	data, _ := written(t, memstore.New())
	const want = "beckon dump\n\x01Z\x03\x00\x00\x00\x00\x00\x00\xe47*\xc1"
	if string(data) != want {
		t.Errorf("the form of an empty store has changed:\n got %q\nwant %q", data, want)
	}
}

// What an older version wrote comes into any store as it is kept now: a throttler's
// permits, which were counters, and the outbox, which was a part of the profile.
func TestReadsOlderForm(t *testing.T) {
	const old = "6265636b6f6e2064756d700a0152850000000202017502000000000001016502020402020405000300020a0000000000000000000200000000000000000000000000000000120131016d00017500000000020080ade204000178000002000000000000000000000000000000000000100132016d00017500000000040080b6dc05000179000002000000000000000000000000da388ce718f84f31523c0000000212016b02000200000002000100d0a7dbe6956702d0a7dbe69567020000056f746865720100f0c6dbe6956702f0c6dbe6956704000000009ad0627c673aa1b25a030000000400006f3d72ca"
	data, err := hex.DecodeString(old)
	if err != nil {
		t.Fatal(err)
	}
	to := memstore.New()
	counts, err := dump.Read(t.Context(), to, bytes.NewReader(data))
	if want := (dump.Counts{Records: 2}); err != nil || counts != want {
		t.Fatalf("%+v, %v; want %+v", counts, err, want)
	}
	now := noon.Add(5 * time.Second)
	throttler, err := beckon.NewThrottler(to, beckon.Frequency{Every: beckon.Seconds(0)}, throttle.WithName("other"),
		throttle.WithClock(func() time.Time { return now }), throttle.WithLimit(3, 24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []uint64{3, 4, 0} { // one of three was taken, and one by another throttler
		if p, err := throttler.Take(t.Context(), "k"); err != nil || p.Sequence != want {
			t.Errorf("%+v, %v; want the permit %d", p, err, want)
		}
	}
	engine, err := beckon.New(to, beckon.WithOutbox(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for d, err := range engine.Pending(t.Context()) {
		if err == nil {
			err = engine.Acknowledge(t.Context(), d)
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(d.ID, d.Body, d.Attempt))
	}
	if fmt.Sprint(got) != "[1x2 2y2]" {
		t.Errorf("pending are %v", got)
	}
}
