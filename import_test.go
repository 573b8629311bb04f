package beckon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// counting is a program whose rules keep counters, and whose message nobody gets.
func counting() beckon.Program {
	return beckon.Program{Messages: []beckon.Message{{
		ID: "m", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("a"),
		Audience: beckon.All(beckon.User("plan").Is("none"), beckon.Did("a").Within(beckon.Days(3)).Where(beckon.Metadata("n").GreaterThan(1)).AtLeast(2)),
		Content:  beckon.Content{Subject: "s", Body: "b"},
	}}}
}

// importLine returns a random line: mostly a contact or an event of one of a few, now and
// then one that is refused.
func importLine(r *rand.Rand) string {
	who := []string{
		`"user_id":"u1"`, `"user_id":"u2"`, `"id":"l1"`, `"anonymous_id":"v1"`, `"anonymous_id":"v2"`, `"email":"a@b.example"`, `"email":"A@B.example"`,
		`"email":"c@d.example"`, `"user_id":"` + fmt.Sprint(r.IntN(200)) + `"`, `"user_id":"` + fmt.Sprint(r.IntN(200)) + `"`,
	}[r.IntN(10)]
	n := r.IntN(6)
	switch r.IntN(14) {
	case 0:
		return ""
	case 1:
		return []string{`{`, `{"plan":1}`, `{` + who + `,"timezone":"Nowhere"}`, `{"event_name":"a"}`, `{` + who + `,"event_name":"a","created_at":-1}`, `{}`}[n]
	case 2:
		return fmt.Sprintf(`{%s,"attributes":{"email":%s}}`, who, []string{`"a@b.example"`, `"c@d.example"`, `null`, `"e@f.example"`, `"x"`, `1`}[n])
	case 3, 4:
		return fmt.Sprintf(`{%s,"companies":[{"company_id":"c%d","attributes":{"seats":%d}},{"company_id":"old","remove":%v}]}`, who, n%3, n, n > 2)
	case 5:
		return fmt.Sprintf(`{%s,"companies":[{"company_id":"full","attributes":{"x%d":1}}],"attributes":{"plan":"q%d"}}`, who, r.IntN(40), n)
	case 6, 7, 8:
		return fmt.Sprintf(`{%s,"name":"N%d","unsubscribed":["email"],"attributes":{"plan":"p%d","k%d":%d}}`, who, n, n, n, r.IntN(9))
	}
	id := ""
	if n < 2 {
		id = fmt.Sprintf(`,"event_id":"e%d"`, r.IntN(40))
	}
	return fmt.Sprintf(`{"event_name":"%s",%s,"created_at":%d,"metadata":{"n":%d}%s}`, []string{"a", "b", "Gone"}[r.IntN(3)], who, noon.Unix()-int64(r.IntN(400_000)), n, id)
}

// importWorld makes an engine with merged contacts, an archived name, a company that is nearly
// full, and events from before the program had its rules.
func importWorld(t *testing.T, kept beckon.Store) *beckon.Engine {
	t.Helper()
	ctx, clock := t.Context(), &hand{}
	clock.set(noon)
	e, err := beckon.New(kept, beckon.WithClock(clock.now), beckon.WithOutbox())
	if err != nil {
		t.Fatal(err)
	}
	full := beckon.Attributes{}
	for i := range beckon.MaxAttributes - 5 {
		full[fmt.Sprintf("a%d", i)] = beckon.Bool(true)
	}
	for _, who := range []beckon.Contact{
		{UserID: "u1"},
		{UserID: "target"},
		{AnonymousID: "v1"},
		{UserID: "u2", Attributes: beckon.Attributes{"email": beckon.String("c@d.example")}},
		{UserID: "x", Companies: []beckon.Membership{{CompanyID: "full", Attributes: full}}},
	} {
		_, err = e.Update(ctx, who)
		err = errors.Join(err, second(e.Track(ctx, beckon.Event{Name: "a", UserID: who.UserID, AnonymousID: who.AnonymousID, Metadata: beckon.Fields{{Key: "n", Value: beckon.Number(3)}}})))
		if err != nil {
			t.Fatal(err)
		}
	}
	err = errors.Join(e.Archive(ctx, "gone"), e.Publish(ctx, counting()), merge(ctx, e, beckon.Identity{UserID: "target"}, beckon.Identity{AnonymousID: "v1"}))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// importAll imports lines, and returns the faults by line.
func importAll(t rapid.TB, e *beckon.Engine, text string, opts ...beckon.RunOption) []string {
	t.Helper()
	var faults []string
	for f, err := range e.Import(context.Background(), beckon.ImportLines(strings.NewReader(text)), opts...) {
		if err != nil {
			t.Fatal(err)
		}
		faults = append(faults, fmt.Sprintf("%d: %v", f.Item, f.Err))
	}
	return faults
}

// C1, E5: an import leaves what updates and tracked history leave one by one, and
// refuses what they refuse.
func TestImportIsOneByOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 3))
		var lines []string
		for range 1 + r.IntN(400) {
			lines = append(lines, importLine(r))
		}
		sameOneByOne(t, rt, lines)
	})
}

// What is refused between two items leaves their order.
func TestImportRefusedBetween(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 6 {
		lines = append(lines, fmt.Sprintf(`{"user_id":"u1","companies":[{"company_id":"full","attributes":{"x%d":1}}]}`, i))
	}
	event := `{"event_name":"%s","anonymous_id":"v1","created_at":%d}`
	lines = append(lines, fmt.Sprintf(event, "a", noon.Unix()-9),
		`{"anonymous_id":"v1","companies":[{"company_id":"full","attributes":{"x9":1}}]}`, fmt.Sprintf(event, "b", noon.Unix()-8))
	sameOneByOne(t, t, lines)
}

// sameOneByOne checks that an import of lines leaves what their updates and events leave.
func sameOneByOne(t *testing.T, rt rapid.TB, lines []string) {
	t.Helper()
	one, many := sameAs(t, rt, lines, func(kept *memstore.Store) beckon.Store { return kept })
	if !bytes.Equal(one.Snapshot(), many.Snapshot()) {
		rt.Fatal("the contents of the store differ")
	}
}

// sameAs is sameOneByOne with an import over a store in memory that is changed by beside.
func sameAs(t *testing.T, rt rapid.TB, lines []string, beside func(*memstore.Store) beckon.Store) (one, many *memstore.Store) {
	t.Helper()
	one, many = memstore.New(), memstore.New()
	e := importWorld(t, one)
	var want []string
	for i, line := range lines {
		var err error
		switch {
		case line == "":
		case strings.Contains(line, "event_name"):
			var ev beckon.Event
			_ = json.Unmarshal([]byte(line), &ev) // Track says it again
			ev.Import = true
			_, err = e.Track(context.Background(), ev)
		default:
			var c beckon.Contact
			if c, err = beckon.ParseContact([]byte(line)); err == nil {
				_, err = e.Update(context.Background(), c)
			}
		}
		if err != nil {
			want = append(want, fmt.Sprintf("%d: %v", i+1, err))
		}
	}
	e = importWorld(t, beside(many))
	got := importAll(rt, e, strings.Join(lines, "\n"))
	if d := cmp.Diff(want, got); d != "" {
		rt.Fatal(d)
	}
	forgetWhere(t, one)
	forgetWhere(t, many)
	if d := cmp.Diff(contents(t, one), contents(t, many)); d != "" {
		rt.Fatal(d)
	}
	if d := cmp.Diff(recordsOf(t, one), recordsOf(t, many)); d != "" {
		rt.Fatal(d)
	}
	return one, many
}

// recordsOf returns each record as it is coded, with its events.
func recordsOf(t *testing.T, kept *memstore.Store) map[store.Key]string {
	t.Helper()
	all := make(map[store.Key]string)
	eachRecord(t, kept, func(rec *store.Record) { all[rec.Key] = string(store.AppendRecord(nil, rec)) })
	for key := range all {
		events, err := kept.Events(t.Context(), key, store.EventCursor{}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for i := range events {
			all[key] += string(store.AppendLoggedEvent(nil, &events[i]))
		}
	}
	return all
}

func eachRecord(t *testing.T, kept *memstore.Store, do func(*store.Record)) {
	t.Helper()
	all := []store.Kind{}
	for k := store.KindUser; k <= store.KindThrottle; k++ {
		all = append(all, k)
	}
	for at := store.Cursor(""); ; {
		next, err := kept.Scan(t.Context(), store.Query{Kinds: all}, at, 1000, func(rec *store.Record) error { do(rec); return nil })
		if err != nil {
			t.Fatal(err)
		}
		if at = next; at == "" {
			return
		}
	}
}

// contents lists what a store has.
func contents(t *testing.T, kept *memstore.Store) (list []string) {
	t.Helper()
	eachRecord(t, kept, func(rec *store.Record) {
		rare := rec.Profile.Rarely()
		list = append(list, fmt.Sprintf("%v %+v %+v %+v", rec.Key, rec.Stats, apart(rec.Profile), rare))
	})
	slices.Sort(list)
	return list
}

// An import moves no walk, counts no goal and returns nothing that is pending: the next
// occasion does.
func TestImportOnlyRecords(t *testing.T) {
	t.Parallel()
	ctx, clock, kept := t.Context(), &hand{}, memstore.New()
	clock.set(noon)
	e, err := beckon.New(kept, beckon.WithClock(clock.now), beckon.WithOutbox())
	if err != nil {
		t.Fatal(err)
	}
	content := beckon.Content{Subject: "s", Body: "b"}
	err = e.Publish(ctx, beckon.Program{
		Messages: []beckon.Message{{
			ID: "go", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("go"), Content: content,
			Goal: &beckon.Goal{Rule: beckon.User("plan").Is("pro"), Within: beckon.Days(7)},
		}},
		Series: []beckon.Series{{ID: "hello", Status: beckon.Live, Entry: beckon.Entry{Audience: beckon.User("plan").Is("pro")}, Blocks: []beckon.Block{
			{ID: "b", Message: &beckon.Message{ID: "welcome", Channel: beckon.Email, Content: content}},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := e.Track(ctx, beckon.Event{Name: "go", UserID: "u1", EventID: "1"})
	if err != nil || len(sent.Deliveries) != 1 {
		t.Fatal(sent, err)
	}
	clock.add(time.Hour)
	before := kept.Snapshot()
	if faults := importAll(t, e, `{"event_name":"go","user_id":"u1","event_id":"1"}`); faults != nil || !bytes.Equal(before, kept.Snapshot()) {
		t.Error("a repeat has changed something:", faults)
	}
	text := `{"user_id":"u1","attributes":{"plan":"pro"}}
{"event_name":"go","user_id":"u1"}
{"event_name":"go","user_id":"u2","import":false}
{"user_id":"u2","attributes":{"plan":"pro"}}`
	if faults := importAll(t, e, text); faults != nil {
		t.Error(faults)
	}
	totals, err := e.Totals(ctx, "go")
	if err != nil || totals.Sent != 1 || totals.Converted != 0 {
		t.Error(totals, err)
	}
	totals, err = e.Totals(ctx, "welcome")
	if err != nil || totals.Judged != 0 {
		t.Error(totals, err)
	}
	res, err := e.Visit(ctx, beckon.Visit{UserID: "u1"})
	if err != nil || len(res.Deliveries) != 1 || res.Deliveries[0].Message != "welcome" {
		t.Error(res, err)
	}
	if totals, err = e.Totals(ctx, "go"); err != nil || totals.Converted != 1 {
		t.Error(totals, err)
	}
}

// Every line that is no item is told by its number, and all others are taken.
func TestImportFaultsByLine(t *testing.T) {
	t.Parallel()
	deep := `{"user_id":"d","attributes":{"a":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}}`
	long := `{"user_id":"l","name":"` + strings.Repeat("x", beckon.MaxContactBytes) + `"}`
	var text strings.Builder
	text.WriteString("\xef\xbb\xbf")
	want := []string{}
	for i, c := range []struct{ line, code string }{
		{`{"user_id":"first"}`, ""},
		{"", ""},
		{" \t", ""},
		{`{"user_id":"cr"}` + "\r", ""},
		{deep, "json_invalid"},
		{long, "body_too_large"},
		{"{\"user_id\":\"\xff\"}", "text_not_utf8"},
		{"{\"event_name\":\"\xff\",\"user_id\":\"u\"}", "text_not_utf8"},
		{`[]`, "type_invalid"},
		{`null`, "type_invalid"},
		{`"event_name"`, "type_invalid"},
		{`{"user_id":"a"}{"user_id":"b"}`, "json_invalid"},
		{`{"user_id":"a","user_id":"b"}`, "json_invalid"},
		{`{"user_id":"a","Name":"b"}`, "json_invalid"},
		{`{"event\u005fname":"go","user_id":"escaped"}`, ""},
		{`{"user_id":"named","attributes":{"event_name":"go"}}`, ""},
		{`{"event_name":"","user_id":"u"}`, "event_name_missing"},
		{`{"event_name":"go"}`, "contact_missing"},
		{`{"event_name":"go","user_id":"u","metadata":{"a":{"b":{}}}`, "json_invalid"},
		{"\x00", "json_invalid"},
		{"\xef\xbb\xbf" + `{"user_id":"bom"}`, "json_invalid"},
		{`{"user_id":"last"}`, ""},
	} {
		fmt.Fprintf(&text, "%s\n", c.line)
		if c.code != "" {
			want = append(want, fmt.Sprintf("%d %s", i+1, c.code))
		}
	}
	e, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for f, err := range e.Import(t.Context(), beckon.ImportLines(strings.NewReader(strings.TrimSuffix(text.String(), "\n")))) {
		var list beckon.ErrorList
		if err != nil || !errors.As(f.Err, &list) {
			t.Fatal(f, err)
		}
		got = append(got, fmt.Sprintf("%d %s", f.Item, list[0].Code))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if n, err := e.Count(t.Context(), beckon.Rule{}); err != nil || n != 5 {
		t.Error(n, "contacts", err)
	}
}

// A source may say of an item what is wrong with it; any other error of its own ends the
// import, when all before it is committed.
func TestImportSourceFails(t *testing.T) {
	t.Parallel()
	e, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	items := func(yield func(beckon.ImportItem, error) bool) {
		_ = yield(beckon.ImportItem{Contact: &beckon.Contact{UserID: "u1"}}, nil) &&
			yield(beckon.ImportItem{}, beckon.ErrorList{{Code: beckon.ErrTypeInvalid}}) &&
			yield(beckon.ImportItem{Contact: &beckon.Contact{UserID: "u2"}, Event: &beckon.Event{Name: "a", UserID: "u2"}}, nil) &&
			yield(beckon.ImportItem{}, broken) &&
			yield(beckon.ImportItem{Contact: &beckon.Contact{UserID: "u3"}}, nil)
	}
	var told []string
	for f, err := range e.Import(t.Context(), items) {
		told = append(told, fmt.Sprint(f.Item, f.Err, err))
	}
	if n, err := e.Count(t.Context(), beckon.Rule{}); len(told) != 3 || !strings.HasSuffix(told[2], "broken") || n != 1 || err != nil {
		t.Error(told, n, err)
	}
	r := iotest.ErrReader(broken)
	for _, err := range e.Import(t.Context(), beckon.ImportLines(r)) {
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), "line 1") {
			t.Error(err)
		}
	}
	for f, err := range e.Import(t.Context(), beckon.ImportLines(nil)) {
		t.Error(f, err)
	}
}

// numbered returns so many contacts.
func numbered(n int, each func(i int)) iter.Seq2[beckon.ImportItem, error] {
	return func(yield func(beckon.ImportItem, error) bool) {
		var c beckon.Contact // used again and again: nothing of it is kept
		for i := range n {
			each(i)
			c = beckon.Contact{UserID: fmt.Sprint("u", i), Attributes: beckon.Attributes{"n": beckon.Number(i)}, Companies: append(c.Companies[:0], beckon.Membership{CompanyID: fmt.Sprint("c", i%7), Name: fmt.Sprint(i % 7)})}
			if !yield(beckon.ImportItem{Contact: &c}, nil) {
				return
			}
		}
	}
}

// An import that was cancelled or whose store failed is taken up where its progress says,
// or is repeated, and leaves what a whole one does.
func TestImportResumes(t *testing.T) {
	t.Parallel()
	const n = 1000
	clock := &hand{}
	clock.set(noon)
	quiet := func(int) {}
	engine := func(kept beckon.Store) *beckon.Engine {
		e, err := beckon.New(kept, beckon.WithClock(clock.now))
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	whole := memstore.New()
	for f, err := range engine(whole).Import(t.Context(), numbered(n, quiet)) {
		t.Fatal(f, err)
	}
	finish := func(e *beckon.Engine, at beckon.Progress) {
		t.Helper()
		var last beckon.Progress
		for f, err := range e.Import(t.Context(), numbered(n, quiet), beckon.ResumeAt(at.Cursor), beckon.OnProgress(func(p beckon.Progress) { last = p })) {
			t.Fatal(f, err)
		}
		if last.Done != n-at.Done || last.Cursor != "" {
			t.Errorf("at the end: %+v, resumed at %+v", last, at)
		}
	}
	for stop := range 6 {
		kept := newFaultStore()
		e := engine(kept)
		ctx, cancel := context.WithCancel(t.Context())
		var at beckon.Progress
		var failed error
		each := quiet
		switch {
		case stop == 0:
			each = func(i int) {
				if i == 700 {
					cancel()
				}
			}
		default:
			kept.arm(2+stop, failAfter)
		}
		for _, err := range e.Import(ctx, numbered(n, each), beckon.OnProgress(func(p beckon.Progress) { at = p })) {
			failed = err
		}
		cancel()
		if failed == nil || stop == 0 && (at.Done != 512 || at.Cursor != "512" || !errors.Is(failed, context.Canceled)) {
			t.Errorf("%d: %+v, %v", stop, at, failed)
		}
		kept.heal()
		finish(e, at)
		if !bytes.Equal(whole.Snapshot(), kept.Snapshot()) {
			t.Errorf("%d: resumed at %q, the contents of the store differ", stop, at.Cursor)
		}
	}
	for _, cursor := range []store.Cursor{"x", "-1"} {
		for _, err := range engine(memstore.New()).Import(t.Context(), numbered(1, quiet), beckon.ResumeAt(cursor)) {
			if err == nil {
				t.Error(cursor, "was taken")
			}
		}
	}
}

// A consumer that stops ends the import; the batch in which it did is committed.
func TestImportStops(t *testing.T) {
	t.Parallel()
	e, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("{}\n", 300) + `{"user_id":"u"}`
	seen := 0
	for fault, err := range e.Import(t.Context(), beckon.ImportLines(strings.NewReader(text))) {
		if err != nil || fault.Err == nil {
			t.Fatal(fault, err)
		}
		if seen++; seen == 7 {
			break
		}
	}
	if n, err := e.Count(t.Context(), beckon.Rule{}); seen != 7 || n != 0 || err != nil {
		t.Error(seen, n, err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for _, err := range e.Import(t.Context(), beckon.ImportLines(strings.NewReader(text))) {
		if !errors.Is(err, beckon.ErrClosed) {
			t.Error(err)
		}
	}
}

// Of two items of one contact the second is not decided before the first, also if only
// the first has to wait: its counter is built of older events.
func TestImportKeepsOrder(t *testing.T) {
	t.Parallel()
	e := importWorld(t, memstore.New())
	faults := importAll(t, e, `{"event_name":"a","user_id":"u1","metadata":{"n":5}}`+"\n"+`{"event_name":"b","user_id":"u1"}`)
	x, _, err := e.Export(t.Context(), beckon.Identity{UserID: "u1"})
	if err != nil || faults != nil || len(x.Recent) != 3 || x.Recent[0].Name != "b" || x.Recent[1].Name != "a" {
		t.Error(err, faults, x.Recent)
	}
}

func FuzzImportLines(f *testing.F) {
	for _, seed := range []string{
		"", "{}\n", `{"user_id":"u1","attributes":{"plan":"pro"}}`, "\xef\xbb\xbf{\"event_name\":\"a\",\"user_id\":\"u\"}\r\n\r\n{",
		`{"event\u005fname":"a"}`, `["event_name"]`, `{"a":{"event_name":1},"user_id":1}` + "\n\x00\n\xff", `{"event_name"`, `{"event_name":`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := beckon.New(memstore.New())
		if err != nil {
			t.Fatal(err)
		}
		count, faults := 0, int64(0)
		for it, err := range beckon.ImportLines(bytes.NewReader(text)) {
			count++
			var list beckon.ErrorList
			if err != nil && !errors.As(err, &list) || it.Contact != nil && it.Event != nil {
				t.Fatal(it, err)
			}
		}
		if want := len(slices.Collect(bytes.Lines(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))); count != want {
			t.Fatalf("%d items of %d lines", count, want)
		}
		for f, err := range e.Import(t.Context(), beckon.ImportLines(bytes.NewReader(text))) {
			if err != nil || f.Item <= faults || f.Item > int64(count) {
				t.Fatal(f, err)
			}
			faults = f.Item
		}
	})
}

// apart returns a profile without what a pointer leads to.
func apart(p *store.Profile) *store.Profile {
	if p == nil {
		return nil
	}
	q := *p
	q.Rare = nil
	return &q
}

// forgetWhere forgets from where choices came: that it was an import is the difference.
func forgetWhere(t *testing.T, kept *memstore.Store) {
	t.Helper()
	var steps []store.Step
	if _, err := kept.Scan(t.Context(), store.Query{Kinds: []store.Kind{store.KindUser, store.KindContact, store.KindEmail, store.KindAnonymous}}, "", 1<<20, func(rec *store.Record) error {
		if len(rec.Profile.Rarely().Choices) > 0 {
			steps = append(steps, store.Step{Key: rec.Key, Decider: decider(func(rec *store.Record, c *store.Changes) error {
				p, rare := *rec.Profile, *rec.Profile.Rare
				rare.Choices = slices.Clone(rare.Choices)
				for i := range rare.Choices {
					rare.Choices[i].From = ""
				}
				p.Rare, c.Profile = &rare, &p
				return nil
			})})
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := kept.Step(t.Context(), steps); err != nil {
		t.Fatal(err)
	}
}
