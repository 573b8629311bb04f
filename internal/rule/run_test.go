package rule

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// runValues are values of every kind, and such as lie beside one another.
func runValues() []value.Value {
	list := []value.Value{
		{},
		value.Bool(true), value.Bool(false), value.String(""), value.String("a"), value.String("ab"), value.String("abc"), value.String("abcd"), value.String("aabcd"), value.String("abcdefgh"),
		value.String("abcdefghi"), value.String("abcdefgx"), value.String("the Abc is here"), value.String("2026-03-01T12:00:00Z"), value.String("ſtop"),
		value.List(), value.List("a"), value.List("x", "abcdefghi"), value.Monetary(150, "EUR"), value.Monetary(2, "JPY"), value.Date(testTime.Add(-time.Hour)), value.Date(testTime.Add(time.Hour)),
		value.Link("https://example.com/abc"), value.RichLink("https://example.com", "abc"), value.NumberLiteral("1e30"), value.NumberLiteral("0.1"), value.NumberLiteral("1.50"),
		value.NumberLiteral("-9223372036854775808"), value.NumberLiteral("9223372036854775807"), value.NumberLiteral("9223372036854775806"),
	}
	for i := range 5 {
		list = append(list, value.Number(i-2))
	}
	return list
}

func runOperands() (out []any) {
	for _, v := range runValues() {
		switch v.Kind() {
		case value.KindBool, value.KindString, value.KindNumber, value.KindMonetary:
			out = append(out, v)
		}
	}
	return out
}

// What the instructions of a rule do is what its conditions mean, whatever there is
// and whatever is asked: they are only a shorter way.
func TestInstructionsAgreeWithConditions(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	var rules []Rule
	u := user("a")
	for _, o := range runOperands() {
		rules = append(rules, u.Is(o), u.IsNot(o), u.In(o), u.NotIn(o, "zz"), u.In(o, 1, "abc"))
		switch o := o.(type) {
		case value.Value:
			if o.Kind() == value.KindNumber || o.Kind() == value.KindMonetary {
				rules = append(rules, u.GreaterThan(o), u.AtLeast(o), u.LessThan(o), u.AtMost(o), u.Between(o, o))
				if o.Kind() == value.KindNumber && repr.CompareNumbers(*peek.Of(&o), repr.Number(0)) >= 0 {
					for _, op := range []Operator{operatorGreaterThan, operatorAtLeast, operatorLessThan, operatorAtMost, operatorIs, operatorIsNot} {
						rules = append(rules, Rule{Event: "e", Stat: statisticCount, Op: op, Value: operandFor(o)})
					}
				}
			}
			if o.Kind() == value.KindString {
				text := o.Text()
				rules = append(rules, u.Contains(text), u.DoesNotContain(text), u.StartsWith(text), u.EndsWith(text), u.Matches(text+"*"),
					u.ContainsAny(text), u.ContainsAny(text, "x"), u.ContainsAll(text, "x"), u.ContainsNone(text, "a"))
			}
		}
	}
	rules = append(rules, u.IsUnknown(), u.HasAnyValue(), u.LessThanAgo(calendar.Hours(2)), u.MoreThanAgo(calendar.Hours(1)), u.ExactlyAgo(calendar.Days(1)),
		u.LessThanAhead(calendar.Hours(2)), u.MoreThanAhead(calendar.Hours(1)), u.ExactlyAhead(calendar.Days(1)), u.After("2026-01-02"),
		u.In("1", "2", "3", "4", "5", "6", "7", "abc", "abcdefghi"), did("e").AtLeast(0))
	for _, moment := range []subject{did("e").Last(), did("e").First()} {
		rules = append(rules, moment.LessThanAgo(calendar.Hours(2)), moment.MoreThanAgo(calendar.Hours(2)), moment.LessThanAgo(calendar.Days(1)), moment.MoreThanAgo(calendar.Days(1)),
			moment.ExactlyAgo(calendar.Days(1)), moment.On("2026-03-02"), moment.IsUnknown(), moment.HasAnyValue())
	}
	now := testTime.Unix()
	var stats [][]store.Stats
	for _, ago := range []int64{-5, 0, 1, 7199, 7200, 7201, 86399, 86400, 86401} {
		for _, n := range []uint64{0, 1, 2, math.MaxInt64 - 1, math.MaxInt64, math.MaxUint64} {
			stats = append(stats, []store.Stats{{Name: unique.Make("e"), Count: n, First: now - 2*ago, Last: now - ago}})
		}
	}
	stats = append(stats, nil)
	held := 0
	for _, loc := range []*time.Location{time.UTC, zoneTest(t, "Europe/Dublin")} {
		for _, r := range rules {
			rule := benchCompile(t, r, loc)
			if len(rule.Conditions) != 1 {
				t.Fatal(r)
			}
			c := &rule.Conditions[0]
			judge := func(what string, rec *store.Record) {
				s := &Scope{Rec: rec, Now: testTime.UnixMilli(), Loc: loc}
				got := rule.Eval(s)
				if want := c.holds(s) != c.negate; got != want {
					t.Errorf("%s of %s: %v, want %v", r, what, got, want)
				}
				if got {
					held++
				}
			}
			for i, v := range runValues() {
				rec := &store.Record{Profile: &store.Profile{}}
				rec.Profile.Attributes = withAttribute(v).Rec.Profile.Attributes
				judge(fmt.Sprint(i, " ", v.Text()), rec)
			}
			for _, list := range stats {
				judge(fmt.Sprint(list), &store.Record{Stats: list})
			}
		}
	}
	if held == 0 {
		t.Error("nothing ever held")
	}
}

// A name is found wherever it stands, and not found where it does not, also
// when it has just been elsewhere, when its neighbors stay, and when there
// are so many names that they share slots.
func TestPlacesFollowTheRecord(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const names = slotCount + 60
	var rule SlotTable
	all := make([]unique.Handle[string], names)
	for i := range all {
		all[i] = unique.Make(fmt.Sprintf("name %03d", i))
		if n := rule.of(all[i]); int(n) != i%slotCount || rule.of(all[i]) != n {
			t.Fatalf("slot %d of name %d", n, i)
		}
	}
	more := rule.More()
	if a, b := more.of(all[7]), more.of(unique.Make("another")); a != 7 || b != names%slotCount || rule.len() != names {
		t.Fatal(a, b, rule.len())
	}
	s := &Scope{}
	s.Begin()
	kept := 0.5
	for round := range 400 {
		rec := &store.Record{}
		if round%17 != 0 {
			rec.Profile = &store.Profile{}
		}
		for i, name := range all {
			if random.Float64() < kept {
				rec.Stats = append(rec.Stats, store.Stats{Name: name, Count: uint64(i + 1)})
				if rec.Profile != nil {
					rec.Profile.Attributes = append(rec.Profile.Attributes, store.Attribute{Name: name, Value: value.Number(i)})
				}
			}
		}
		kept = []float64{0.5, 0.01, 0.99, 0.1, 0}[round%5]
		s.Rec = rec
		for range 3 {
			for range 200 {
				name := all[random.IntN(names)]
				slot := rule.of(name)
				if got, want := s.attribute(name, slot), rec.Profile.Attribute(name.Value()); !got.Equal(*peek.Of(&want)) {
					t.Fatalf("round %d: %s is %v, want %v", round, name.Value(), got.Text(), want.Text())
				}
				if got, _ := rec.Stat(name); s.stat(name, slot).Count != got.Count {
					t.Fatalf("round %d: %s counts %v, want %v", round, name.Value(), s.stat(name, slot).Count, got.Count)
				}
			}
		}
	}
}

// A record that has an attribute without a name, which no engine makes, stops
// nothing.
func TestNamelessAttribute(t *testing.T) {
	rec := &store.Record{Profile: &store.Profile{Attributes: []store.Attribute{{Value: value.Number(1)}, store.NewAttribute("a", value.Number(2))}}}
	if !benchCompile(t, all(user("a").Is(2), user("b").IsUnknown(), did("e").AtMost(0)), time.UTC).Eval(&Scope{Rec: rec, Loc: time.UTC}) {
		t.Error("a is not 2, or something is there that is not")
	}
	if again, err := store.DecodeRecord(store.AppendRecord(nil, rec)); err != nil || !again.Profile.Attribute("").Equal(value.Number(1)) {
		t.Error(again, err)
	}
}

// Rules allocate nothing, whatever form they take, and however contacts differ.
func TestRulesOfDifferentContactsAllocateNothing(t *testing.T) {
	for name, r := range benchRules() {
		rule, s, i := benchCompile(t, r, time.UTC), &Scope{Now: testTime.UnixMilli(), Loc: time.UTC}, 0
		var list []*store.Record
		for n := range 50 {
			list = append(list, benchContact(n), benchShape(n), &store.Record{})
		}
		s.Begin()
		if n := testing.AllocsPerRun(300, func() { s.Rec = list[i%len(list)]; rule.Eval(s); i++ }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// A text of at most 8 bytes is compared as a number, which texts of other
// lengths have too.
func TestShortTextsOfOtherLengths(t *testing.T) {
	texts := []string{"a", "aa", "aaa", "aaaa", "aaaaa", "aaaaaa", "aaaaaaa", "aaaaaaaa", "aaaaaaaaa", "abcd", "abcdabcd", "abcdbcd", "aab", "ab", "abb", ""}
	for _, want := range texts {
		r := compileTest(t, `{"user":"a","op":"is","value":"`+want+`"}`, OfContact, nil)
		for _, text := range texts {
			if got := r.Eval(withAttribute(value.String(text))); got != (text == want) {
				t.Errorf("%q is %q: %v", text, want, got)
			}
		}
	}
}

// An event of the first second of 1970 has occurred.
func TestLastTimeOfZeroIsKnown(t *testing.T) {
	r := compileTest(t, `{"event":"e","stat":"last","op":"is_unknown"}`, OfContact, nil)
	name := r.Conditions[0].handle
	for _, c := range []struct {
		stats []store.Stats
		want  bool
	}{{nil, true}, {[]store.Stats{{Name: name, Count: 1}}, false}, {[]store.Stats{{Name: name}}, true}} {
		s := &Scope{Rec: &store.Record{Stats: c.stats}, Now: testTime.UnixMilli(), Loc: time.UTC}
		if got := r.Eval(s); got != c.want {
			t.Errorf("%+v: unknown %v, want %v", c.stats, got, c.want)
		}
	}
}

// What a scope remembers of now does not outlive it.
func TestScopeFollowsTheClock(t *testing.T) {
	r := compileTest(t, `{"user":"a","op":"less_than_ago","value":"1h"}`, OfContact, nil)
	s := withAttribute(value.Date(testTime))
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{{0, true}, {2 * time.Hour, false}, {time.Minute, true}, {-time.Minute, false}} {
		s.Now = testTime.Add(c.after).UnixMilli()
		if got := r.Eval(s); got != c.want {
			t.Errorf("after %v: %v, want %v", c.after, got, c.want)
		}
	}
}
