package beckon_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// manyFaults returns a program of n messages with a fault of shape in each, and one
// of meaning.
func manyFaults(n int) string {
	var b strings.Builder
	b.WriteString(`{"messages":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"m%d","chanel":"chat","trigger":{"event":"e"},"frequency":{"every":"1m","max":"x"},"audience":{"segment":"segmnt-%d"}}`, i, i)
	}
	b.WriteString(`],"segments":{`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"segment-%d":{"user":"plan","op":"is","value":"pro"}`, i)
	}
	b.WriteString(`}}`)
	return b.String()
}

// However much is wrong with a program, what is told of it is limited, and the last
// error counts the rest.
func TestFaultsAreCounted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ n, want int }{{100, 300}, {333, 999}, {334, 1002}, {2000, 4000}} {
		_, err := beckon.ParseProgram([]byte(manyFaults(c.n)))
		checkTold(t, err, beckon.MaxFaults, c.want, "faults", beckon.ErrProgramInvalid)
	}
	// In Go nothing is wrong with the shape.
	var program beckon.Program
	for range 700 {
		program.Messages = append(program.Messages, beckon.Message{Channel: "pigeon", Status: "odd", Audience: beckon.All(beckon.Segment("x"), beckon.Segment("y"))})
	}
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	checkTold(t, engine.Publish(context.Background(), program), beckon.MaxFaults, 5*700, "faults", beckon.ErrProgramInvalid)
}

// Row 86: what is told of a program is bounded by its size, however long the id is beside which it is
// told.
func TestFaultsRepeatNoLongID(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("i", 100_000)
	for _, doc := range []string{
		`{"messages":[{"id":"` + long + `","audience":{"all":[` + strings.Repeat(`{"user":"a","op":"x","value":1},`, 400) + `{"segment":"x"}]}}]}`,
		`{"series":[{"id":"` + long + `","entry":{"trigger":{"event":"e"}},"blocks":[` + strings.Repeat(`{"id":"b","next":"q","wait":"1d"},`, 400) + `{"id":"c"}]}]}`,
	} {
		program, err := beckon.ParseProgram([]byte(doc))
		if err == nil {
			var engine *beckon.Engine
			if engine, err = beckon.New(memstore.New()); err != nil {
				t.Fatal(err)
			}
			err = engine.Publish(context.Background(), program)
		}
		told, _ := json.Marshal(err)
		if err == nil || len(told) > 4*len(doc) || len(err.Error()) > 4*len(doc) {
			t.Errorf("of a program of %d bytes %d and %d bytes are told", len(doc), len(told), len(err.Error()))
		}
	}
	// One that can be an id is told whole.
	long = long[:beckon.MaxIDLength]
	_, err := beckon.ParseProgram([]byte(`{"messages":[{"id":"` + long + `","chanel":"chat"}]}`))
	var list beckon.ErrorList
	if !errors.As(err, &list) || list[0].ID != long {
		t.Error(err)
	}
}

// checkTold checks that a list tells the first so many errors, in order, and counts
// all.
func checkTold(t *testing.T, err error, limit, all int, what string, code beckon.Code) {
	t.Helper()
	var list beckon.ErrorList
	if !errors.As(err, &list) {
		t.Fatal(err)
	}
	if all <= limit {
		if len(list) != all {
			t.Errorf("%d %s, want %d", len(list), what, all)
		}
		return
	}
	if len(list) != limit+1 {
		t.Fatalf("%d %s, want %d and one more", len(list), what, limit)
	}
	last := list[limit]
	if want := fmt.Sprintf("and %d more %s", all-limit, what); last.Message != want || last.Code != code || last.Path != "" || last.Field != "" {
		t.Errorf("the last is %v, want %q", last, want)
	}
	for _, e := range list[:limit] {
		if strings.HasPrefix(e.Message, "and ") {
			t.Errorf("%v stands among the others", e)
		}
	}
}

// What is wrong with a program is found in time and memory that grow with its size.
func TestCostOfFaults(t *testing.T) {
	for _, c := range []struct {
		name string
		doc  func(n int) string
	}{
		{"mixed", manyFaults},
		{"misspelt segments", func(n int) string {
			return strings.NewReplacer(`"chanel":"chat",`, "", `"max":"x"`, `"max":1`).Replace(manyFaults(n))
		}},
		{"unknown fields", func(n int) string {
			var b strings.Builder
			for i := range n * 4 {
				fmt.Fprintf(&b, `,"mesages%d":1`, i)
			}
			return "{" + b.String()[1:] + "}"
		}},
		{"empty caps", func(n int) string { return `{"caps":[{}` + strings.Repeat(",{}", n*4) + `]}` }},
	} {
		t.Run(c.name, func(t *testing.T) {
			growsInProportion(t, 150, func(tb testing.TB, n int) func() {
				tb.Helper()
				doc := []byte(c.doc(n))
				return func() {
					p, err := beckon.ParseProgram(doc)
					if err == nil {
						engine, _ := beckon.New(memstore.New())
						err = engine.Publish(context.Background(), p)
					}
					if err == nil || len(err.Error()) > 1<<19 {
						tb.Fatalf("%.100v", err)
					}
				}
			})
		})
	}
}

// An event with far too many keys has the first warnings and one that counts the
// rest; what is said of the event as a whole is among the first.
func TestWarningsAreCounted(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	t.Parallel()
	ctx := context.Background()
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		keys       int
		imported   bool
		drop, more int
	}{{120, false, 100, 0}, {121, false, 100, 1}, {119, true, 99, 0}, {120, true, 99, 1}, {100_000, false, 100, 99_880}, {100_000, true, 99, 99_881}} {
		e := beckon.Event{Name: "e", UserID: "u", Import: c.imported}
		for i := range c.keys {
			e.Metadata = append(e.Metadata, beckon.Field{Key: fmt.Sprint("k", i), Value: beckon.Number(1)})
		}
		res, err := engine.Track(ctx, e)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for i := range c.drop {
			want = append(want, fmt.Sprintf("metadata_key_dropped metadata.k%d", 20+i))
		}
		if c.imported {
			want = append(want, "event_imported import")
		}
		if c.more > 0 {
			want = append(want, "more ")
			if got, text := res.Warnings[len(res.Warnings)-1].Message, fmt.Sprintf("and %d more warnings", c.more); got != text {
				t.Errorf("%d keys: %q, want %q", c.keys, got, text)
			}
		}
		var got []string
		for _, w := range res.Warnings {
			got = append(got, string(w.Code)+" "+w.Field)
		}
		if strings.Join(got, ",") != strings.Join(want, ",") {
			t.Errorf("%d keys, imported %v: %q, want %q", c.keys, c.imported, got, want)
		}
	}
	if err := engine.Archive(ctx, "old"); err != nil {
		t.Fatal(err)
	}
	old := beckon.Event{Name: "old", UserID: "u"}
	for i := range 130 {
		old.Metadata = append(old.Metadata, beckon.Field{Key: fmt.Sprint("k", i), Value: beckon.Number(1)})
	}
	res, err := engine.Track(ctx, old)
	if err != nil || len(res.Warnings) != 101 || res.Warnings[99].Code != beckon.WarnEventArchived || res.Warnings[100].Message != "and 11 more warnings" {
		t.Errorf("%v, %v", res.Warnings, err)
	}
}

// What is wrong with one event or contact is told up to a limit, and counted.
func TestErrorsAreCounted(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	var keys, attributes []string
	var fields beckon.Fields
	for i := range 500 {
		keys = append(keys, `"K":1`)
		attributes = append(attributes, fmt.Sprintf(`"a%d":{}`, i))
		fields = append(fields, beckon.Field{Key: "k", Value: beckon.String("\xff")})
	}
	_, err = engine.Track(ctx, beckon.Event{Name: "e", UserID: "u", Metadata: fields})
	checkTold(t, err, beckon.MaxErrors, 999, "errors", beckon.ErrMore)
	_, err = engine.TrackJSON(ctx, strings.NewReader(`{"event_name":"e","user_id":"u","metadata":{`+strings.Join(keys, ",")+`}}`))
	checkTold(t, err, beckon.MaxErrors, 499, "errors", beckon.ErrMore)
	var contact beckon.Contact
	err = contact.UnmarshalJSON([]byte(`{"user_id":"u","attributes":{` + strings.Join(attributes, ",") + `}}`))
	checkTold(t, err, beckon.MaxErrors, 500, "errors", beckon.ErrMore)

	// That a body could not be read to its end is said, whatever came before.
	_, err = engine.TrackJSON(ctx, strings.NewReader(`{"user_id":"u"`+strings.Repeat(`,"user_id":"u"`, beckon.MaxErrors+10)))
	var list beckon.ErrorList
	if !errors.As(err, &list) || len(list) != beckon.MaxErrors+1 || list[beckon.MaxErrors-1].Code != beckon.ErrJSONInvalid || list[beckon.MaxErrors-1].Field != "" || list[beckon.MaxErrors].Message != "and 11 more errors" {
		t.Errorf("%v", err)
	}
}

// A rule of Go whose parts are shared is as large as it is written out: past the
// limit it is refused, wherever it stands, and not walked to its end.
func TestSharedPartsAreRefused(t *testing.T) {
	t.Parallel()
	bomb := func(r beckon.Rule) beckon.Rule {
		for range 28 {
			r = beckon.All(r, r)
		}
		return r
	}
	big := func(first beckon.Rule, n int) beckon.Rule {
		list := make([]beckon.Rule, n)
		for i := range list {
			list[i] = beckon.User("a").Is(1)
		}
		return beckon.All(append(append(list[:n/2:n/2], first), list[n/2:]...)...)
	}
	message := func(m beckon.Message) beckon.Program {
		m.ID, m.Content = "m", beckon.Content{Body: "x"}
		return beckon.Program{Messages: []beckon.Message{m}}
	}
	using := message(beckon.Message{Audience: beckon.Segment("s")})
	for _, c := range []struct {
		name    string
		program beckon.Program
		want    string
	}{
		{"a segment", beckon.Program{Segments: map[string]beckon.Rule{"s": bomb(beckon.All())}}, "segments.s"},
		{"conditions of a segment", beckon.Program{Segments: map[string]beckon.Rule{"s": bomb(beckon.User("a").Is(1))}}, "segments.s"},
		{"a segment in use", beckon.Program{Messages: using.Messages, Segments: map[string]beckon.Rule{"s": bomb(beckon.All())}}, "segments.s"},
		{"a segment that uses itself behind the limit", beckon.Program{Messages: using.Messages, Segments: map[string]beckon.Rule{"s": big(beckon.Segment("s"), 2400)}}, "segments.s"},
		{"two that use each other behind the limit", beckon.Program{Messages: using.Messages, Segments: map[string]beckon.Rule{"s": big(beckon.Segment("t"), 1990), "t": big(beckon.Segment("s"), 1990)}}, "segments.s"},
		{"an audience", message(beckon.Message{Audience: bomb(beckon.All())}), "messages[0].audience"},
		{"a trigger", message(beckon.Message{Trigger: beckon.On("e").Where(bomb(beckon.All()))}), "messages[0].trigger.where"},
		{"a count", message(beckon.Message{Audience: beckon.Did("e").Where(bomb(beckon.All())).AtLeast(1)}), "messages[0].audience.where"},
		{"a goal", message(beckon.Message{Goal: &beckon.Goal{Rule: bomb(beckon.All()), Within: beckon.Days(1)}}), "messages[0].goal.rule"},
	} {
		engine, err := beckon.New(memstore.New())
		if err != nil {
			t.Fatal(err)
		}
		// Who follows every way to a part does not come to the end of it.
		err = engine.Publish(t.Context(), c.program)
		if got := costFaults(err); len(got) == 0 || !strings.HasPrefix(got[0], c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
