package sqlstore

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// texts are what escapes may get wrong.
var texts = []string{
	"", "a", "\x00", "\x01", "\x00\x01", "\x01\x00", "\x01\x01", "\x01\x02", "a\x00b", `\u0000`, `\`, `\\u0000`, `"`, "é", "\u2028", "\U0001f600",
	"\n\t\r\x7f\x1f", "[", "]", "{", "}", ",", ":", `","`, `\x01`,
}

// The escape is reversible, leaves no NUL, keeps texts apart and their order.
func TestEscape(t *testing.T) {
	for _, a := range texts {
		e := escapeText(a)
		if strings.ContainsRune(e, 0) || unescapeText(e) != a {
			t.Errorf("%q is %q, and back %q", a, e, unescapeText(e))
		}
		for _, b := range texts {
			if strings.Compare(a, b) != strings.Compare(e, escapeText(b)) {
				t.Errorf("%q and %q are in another order", a, b)
			}
		}
	}
}

// Statistics come back from JSON exactly, also after another program has
// written it its own way.
func TestStatsJSON(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	numbers := []int64{0, 1, -1, 1_700_000_000, math.MaxInt64, math.MinInt64}
	counts := []uint64{0, 1, math.MaxUint32, math.MaxUint64}
	names := &nameCache{}
	for range 300 {
		var stats []store.Stats
		for _, i := range random.Perm(len(texts))[:random.IntN(6)] {
			stats = append(stats, store.Stats{
				Name: unique.Make(texts[i]), Count: counts[random.IntN(len(counts))],
				First: numbers[random.IntN(len(numbers))], Last: numbers[random.IntN(len(numbers))],
			})
		}
		slices.SortFunc(stats, func(a, b store.Stats) int { return strings.Compare(a.Name.Value(), b.Name.Value()) })
		text := appendStats(nil, stats)
		var decoded map[string][3]json.Number
		if err := json.Unmarshal(text, &decoded); err != nil || len(decoded) != len(stats) {
			t.Fatalf("%s: %v", text, err)
		}
		other, err := json.MarshalIndent(decoded, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range [][]byte{text, other} {
			got, err := parseStats(text, names)
			if err != nil || !slices.Equal(got, stats) {
				t.Fatalf("%s gave %v, %v", text, got, err)
			}
		}
	}
}

// What is no statistics is an error, never a panic.
func TestStatsDamaged(t *testing.T) {
	whole := `{"a":[1,2,3],"b\n":[4,5,-6]}`
	for i := range len(whole) {
		if _, err := parseStats([]byte(whole[:i]), nil); err == nil {
			t.Errorf("%q was read", whole[:i])
		}
	}
	for _, text := range []string{
		"null", "[]", `{"a":[1,2]}`, `{"a":[1,2,3,4]}`, `{"a":[-1,2,3]}`, `{"a":[1.5,2,3]}`, `{"a":[18446744073709551616,2,3]}`,
		`{"a":[1,9223372036854775808,3]}`, `{"a":[1,-9223372036854775809,3]}`, `{"a":[1,2,3]}x`, `{"a":[1,2,3],}`, `{"\x":[1,2,3]}`, "{\"\n\":[1,2,3]}",
	} {
		if _, err := parseStats([]byte(text), nil); err == nil {
			t.Errorf("%s was read", text)
		}
	}
}

func FuzzStats(f *testing.F) {
	f.Add([]byte(`{"a":[1,2,3],"b":[4,5,-6]}`))
	f.Add([]byte(`{"\u0001\u0001\\":[18446744073709551615,9223372036854775807,-9223372036854775808]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		stats, err := parseStats(text, nil)
		if err != nil {
			return
		}
		for _, s := range stats {
			if !utf8.ValidString(s.Name.Value()) {
				return // what a database returns is UTF-8
			}
		}
		again, err := parseStats(appendStats(nil, stats), nil)
		if err != nil || !slices.Equal(again, stats) {
			t.Fatalf("%q: %v, then %v, %v", text, stats, again, err)
		}
	})
}

// Attributes have their own types in JSON.
func TestAttributesJSON(t *testing.T) {
	attributes := []store.Attribute{
		store.NewAttribute("a\x00", beckon.String("x\x00\x01\"")),
		store.NewAttribute("b", beckon.NumberLiteral("1e3")),
		store.NewAttribute("c", beckon.Bool(true)),
		store.NewAttribute("d", beckon.List("p", "q\x00")),
		store.NewAttribute("e", beckon.RichLink("https://x.test", "title\x00")),
	}
	text := string(appendAttributes(nil, attributes))
	const want = `{"a\u0001\u0001":"x\u0001\u0001\u0001\u0002\"","b":1e3,"c":true,"d":["p","q\u0001\u0001"],"e":{"url":"https://x.test","value":"title\u0001\u0001"}}`
	if text != want || !json.Valid([]byte(text)) {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

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
		raw := rawRow{stats: []byte("{}"), state: appendState(nil, &r)}
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

			do, after := state.change(&c)
			if do.clear {
				table = nil
			}
			if do.cut != nil {
				table = newest(table, *do.cut)
			}
			for _, e := range do.insert {
				table = put(table, e)
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
