package rule

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// benchContact has 24 attributes and 20 event names: numbers, texts, booleans
// and a list in turn.
func benchContact(i int) *store.Record {
	rec := &store.Record{Exists: true, Profile: &store.Profile{}}
	for a := range 24 {
		v := value.Number((i%7 + a) % 50)
		switch a % 4 {
		case 1:
			v = value.String(fmt.Sprintf("text %d", (i+a)%5))
		case 2:
			v = value.Bool((i+a/4)%2 == 0)
		case 3:
			v = value.List("red", fmt.Sprintf("tag %d", (i+a)%3), "green")
		}
		rec.Profile.Attributes = append(rec.Profile.Attributes, store.NewAttribute(fmt.Sprintf("attribute-%02d", a), v))
	}
	for e := range 20 {
		rec.Stats = append(rec.Stats, store.Stats{
			Name: unique.Make(fmt.Sprintf("event-%02d", e)), Count: uint64(8 + (i+e)%5),
			First: testTime.Unix() - 1_000_000, Last: testTime.Unix() - int64((i+e)%14)*86400 - 100,
		})
	}
	return rec
}

// benchShape is benchContact without some of the attributes and event names,
// others for each i.
func benchShape(i int) *store.Record {
	rec := benchContact(i)
	n := i
	drop := func() bool { n = n*1103515245 + 12345; return n>>16%4 == 0 }
	rec.Profile.Attributes = slices.DeleteFunc(rec.Profile.Attributes, func(store.Attribute) bool { return drop() })
	rec.Stats = slices.DeleteFunc(rec.Stats, func(store.Stats) bool { return drop() })
	return rec
}

// benchRules are rules of 2, 8 and 40 conditions. The large one looks at each of
// its conditions for a contact for whom it holds.
func benchRules() map[string]Rule {
	attribute := func(n int) subject { return user(fmt.Sprintf("attribute-%02d", n)) }
	event := func(n int) subject { return did(fmt.Sprintf("event-%02d", n)) }
	small := all(attribute(4).AtLeast(1), event(3).AtLeast(1))
	medium := all(
		attribute(0).GreaterThan(-1),
		anyOf(attribute(1).In("a", "b", "c", "text 1", "text 2"), attribute(5).Contains("TEXT")),
		event(2).AtLeast(8),
		event(7).Last().LessThanAgo(calendar.Days(30)),
		anyOf(attribute(2).Is(true), attribute(6).Is(true)),
		attribute(12).GreaterThan(3),
	)
	var groups []Rule
	for g := range 4 {
		n, e := g*4, g*5
		groups = append(groups, all(
			anyOf(attribute(n).GreaterThan(1000), event(e).AtLeast(1)),
			anyOf(attribute(n+1).Is("nobody"), event(e+1).Last().LessThanAgo(calendar.Days(30))),
			all(anyOf(attribute(n+1).In("none", "nothing", "no one", "text 9", "text 8"), event(e+2).Between(1, 100)),
				attribute(n+3).ContainsAny("blue", "green")),
			anyOf(attribute(n+1).Contains("NOTE"), not(attribute(n+3).IsUnknown())),
			not(event(e+3).Last().MoreThanAgo(calendar.Days(60))),
		))
	}
	return map[string]Rule{"small": small, "medium": medium, "large": all(groups...)}
}

// A benchPerson is what the rules of benchRules look at, as one would declare it
// for them alone.
type benchPerson struct {
	number [24]int64
	text   [24]string
	lower  [24]string // what one would store to compare without case
	truth  [24]bool
	list   [24][]string
	count  [20]uint64
	last   [20]int64
}

func newBenchPerson(rec *store.Record) *benchPerson {
	p := &benchPerson{}
	for i, a := range rec.Profile.Attributes {
		v := peek.Of(&a.Value)
		p.number[i], p.text[i], p.lower[i], p.truth[i], p.list[i] = v.Num, v.Str, strings.ToLower(v.Str), v.Num != 0, v.Texts()
	}
	for i, st := range rec.Stats {
		p.count[i], p.last[i] = st.Count, st.Last
	}
	return p
}

// group is one of the four groups of the large rule.
func (p *benchPerson) group(n, e int, now int64) bool {
	t := p.text[n+1]
	return (p.number[n] > 1000 || p.count[e] >= 1) &&
		(t == "nobody" || p.last[e+1] > now-30*86400 && p.last[e+1] <= now) &&
		(t == "none" || t == "nothing" || t == "no one" || t == "text 9" || t == "text 8" || p.count[e+2] >= 1 && p.count[e+2] <= 100) &&
		(slices.Contains(p.list[n+3], "blue") || slices.Contains(p.list[n+3], "green")) &&
		(strings.Contains(p.lower[n+1], "note") || p.list[n+3] != nil) &&
		(p.count[e+3] == 0 || p.last[e+3] >= now-60*86400)
}

// benchLimits are the rules of benchRules written out by hand: no unknown
// values, no types, no names.
func benchLimits() map[string]func(*benchPerson, int64) bool {
	return map[string]func(*benchPerson, int64) bool{
		"small": func(p *benchPerson, _ int64) bool { return p.number[4] >= 1 && p.count[3] >= 1 },
		"medium": func(p *benchPerson, now int64) bool {
			t := p.text[1]
			return p.number[0] > -1 &&
				(t == "a" || t == "b" || t == "c" || t == "text 1" || t == "text 2" || strings.Contains(p.lower[5], "text")) &&
				p.count[2] >= 8 && p.last[7] > now-30*86400 && p.last[7] <= now && (p.truth[2] || p.truth[6]) && p.number[12] > 3
		},
		"large": func(p *benchPerson, now int64) bool {
			return p.group(0, 0, now) && p.group(4, 5, now) && p.group(8, 10, now) && p.group(12, 15, now)
		},
	}
}

// The limit does the same as the rules.
func TestBenchLimitsAgree(t *testing.T) {
	for name, r := range benchRules() {
		rule, held := benchCompile(t, r, time.UTC), 0
		for i := range 100 {
			rec := benchContact(i)
			got := rule.Eval(&Scope{Rec: rec, Now: testTime.UnixMilli(), Loc: time.UTC})
			if want := benchLimits()[name](newBenchPerson(rec), testTime.Unix()); got != want {
				t.Errorf("%s, contact %d: %v", name, i, got)
			}
			if got {
				held++
			}
		}
		if held == 0 {
			t.Errorf("%s holds for nobody", name)
		}
	}
}

func benchCompile(tb testing.TB, r Rule, loc *time.Location) *Compiled {
	tb.Helper()
	var faults fault.List
	compiled := Compile(ref(r), &Compiler{Loc: loc, Counters: &CounterSet{}, Faults: &faults}, OfContact, "")
	if len(faults) > 0 {
		tb.Fatal(faults)
	}
	return compiled
}

// BenchmarkRules runs rules by themselves, without a decision around them:
// warm, over one contact for whom the rule holds, and so seen to its end; over
// 1,024 contacts in turn, which have the same attributes and event names, or of
// which each has others. In all but the first the rule is the first to look at
// the contact. The rows that end in limit are the rule written out by hand.
func BenchmarkRules(b *testing.B) {
	now := testTime.UnixMilli()
	for _, name := range []string{"small", "medium", "large"} {
		rule, limit := benchCompile(b, benchRules()[name], time.UTC), benchLimits()[name]
		rows := map[string][]*store.Record{"warm": nil, "contacts": nil, "shapes": nil}
		for i := range 1024 {
			rec := benchContact(i)
			if len(rows["warm"]) == 0 && rule.Eval(&Scope{Rec: rec, Now: now, Loc: time.UTC}) {
				rows["warm"] = append(rows["warm"], rec)
			}
			rows["contacts"] = append(rows["contacts"], rec)
			rows["shapes"] = append(rows["shapes"], benchShape(i))
		}
		for _, row := range []string{"warm", "contacts", "shapes"} {
			list := rows[row]
			b.Run(name+"/"+row, func(b *testing.B) {
				s, i := &Scope{Now: now, Loc: time.UTC}, 0
				b.ReportAllocs()
				for b.Loop() {
					s.Rec = list[i&(len(list)-1)]
					rule.Eval(s)
					i++
				}
			})
			if row == "shapes" {
				continue // a struct has but one
			}
			people := make([]*benchPerson, len(list))
			for i := range list {
				people[i] = newBenchPerson(list[i])
			}
			b.Run(name+"/"+row+"-limit", func(b *testing.B) {
				i, sec := 0, testTime.Unix()
				for b.Loop() {
					limit(people[i&(len(people)-1)], sec)
					i++
				}
			})
		}
	}
}

// Evaluation allocates nothing, whatever is asked and whatever is found.
func TestEvaluationAllocatesNothing(t *testing.T) {
	dublin := zoneTest(t, "Europe/Dublin")
	rec := benchContact(0)
	attributes := []store.Attribute{
		store.NewAttribute("big", value.NumberLiteral("123456789012345678901234567890.5")),
		store.NewAttribute("date", value.String("2026-03-01T12:00:00Z")),
		store.NewAttribute("day", value.String("2026-03-01 but no date at all")),
		store.NewAttribute("list", value.List("a", "b", "c")),
		store.NewAttribute("money", value.Monetary(1999, "eur")),
		store.NewAttribute("named", value.String("Ada Łovelace")),
		store.NewAttribute("small", value.NumberLiteral("1.5")),
	}
	rec.Profile.Attributes = append(rec.Profile.Attributes, attributes...)
	rec.SendStats = []store.SendStats{{Message: "m", Count: 1, Last: 5}}
	rec.Counters = []store.Counter{{Def: "event-01", Keep: 5, Count: 3, First: 1, Last: 3, Times: []int64{1, 2, 3}}}
	rules := benchRules()
	all := func(user subject) []Rule {
		return []Rule{
			user.Is("x"), user.Is(1.25), user.Is(true), user.Is(value.Monetary(1999, "EUR")), user.In("x", 1, true), user.In(make([]int, 100)),
			user.Contains("łove"), user.ContainsWord("LOVE"), user.StartsWith("ADA"), user.EndsWith("ÇE"),
			user.AtLeast(1e30), user.AtLeast(value.NumberLiteral("123456789012345678901234567890.5")), user.Between(1, 2),
			user.MoreThanAgo(calendar.Days(3)), user.LessThanAgo(calendar.Hours(3)), user.ExactlyAgo(calendar.Days(2)), user.After("2026-01-02"),
			user.ContainsAny("c", "d"), user.ContainsAll("a", "b"), user.ContainsNone("x"), user.IsUnknown(), user.HasAnyValue(),
		}
	}
	for _, a := range append(attributes, store.NewAttribute("none", value.Value{})) {
		for i, r := range all(user(a.Name.Value())) {
			rules[fmt.Sprintf("%s %d", a.Name.Value(), i)] = r
		}
	}
	for i, r := range []Rule{
		company("employees").AtLeast(1), metadata("K").Is(1), pageURL().Contains("x"), pageSeconds().AtLeast(1),
		did("event-01").ago(calendar.Days(1)).AtLeast(3), did("event-02").ago(calendar.Days(1)).AtLeast(3), did("event-01").First().On("2026-01-02"),
		wasSent("m").Last().MoreThanAgo(calendar.Days(1)), wasSent("m").AtLeast(1), user("email").IsUnknown(), user("last_seen_at").LessThanAgo(calendar.Days(1)),
		did("event-02").where(metadata("k").Is(1)).Last().IsUnknown(),
	} {
		rules[fmt.Sprint(i)] = r
	}
	for name, r := range rules {
		var faults fault.List
		rule := Compile(ref(r), &Compiler{Loc: dublin, Counters: &CounterSet{}, Faults: &faults}, OfTrigger, "")
		if len(faults) > 0 {
			t.Fatal(name, faults)
		}
		s := &Scope{
			Rec: rec, Company: rec, Page: &store.Page{URL: "https://x.example", Seconds: value.Number(3)}, Loc: dublin,
			Now: testTime.UnixMilli(), Fields: value.Fields{{Key: "k", Value: value.Number(1)}},
		}
		if n := testing.AllocsPerRun(5, func() { s.ago = agoCache{}; rule.Eval(s) }); n != 0 {
			t.Errorf("%s: %v allocations in %s", name, n, r)
		}
	}
}
