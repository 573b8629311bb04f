package beckon

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unique"
)

// benchContact has 20 attributes and 20 event names.
func benchContact(i int) *Record {
	rec := &Record{Profile: &Profile{}}
	for a := range 20 {
		v := Number(i%7 + a)
		switch a % 4 {
		case 1:
			v = String(fmt.Sprintf("text %d", (i+a)%5))
		case 2:
			v = Bool((i+a)%2 == 0)
		}
		rec.Profile.Attributes = append(rec.Profile.Attributes, NewAttribute(fmt.Sprintf("attribute-%02d", a), v))
	}
	for e := range 20 {
		rec.Stats = append(rec.Stats, Stats{
			Name: unique.Make(fmt.Sprintf("event-%02d", e)), Count: uint64(8 + (i+e)%5),
			First: testNow.Unix() - 1_000_000, Last: testNow.Unix() - int64((i+e)%14)*86400 - 100,
		})
	}
	return rec
}

func benchRules() map[string]Rule {
	attribute := func(n int) User { return User(fmt.Sprintf("attribute-%02d", n)) }
	event := func(n int) Did { return Did(fmt.Sprintf("event-%02d", n)) }
	small := All(attribute(4).AtLeast(1), event(3).AtLeast(1))
	medium := All(
		attribute(0).GreaterThan(-1),
		Any(attribute(1).In("a", "b", "c", "text 1", "text 2"), attribute(5).Contains("TEXT")),
		event(2).AtLeast(8),
		event(7).Last().LessThanAgo(30*Day),
		Any(attribute(2).Is(true), attribute(6).Is(true)),
		attribute(12).GreaterThan(3),
	)
	var groups []Rule
	for g := range 4 {
		var inner []Rule
		for i := range 5 {
			n := g*5 + i
			inner = append(inner, Any(attribute(n).IsUnknown(), event(n).AtLeast(1)))
		}
		groups = append(groups, All(All(inner...)))
	}
	return map[string]Rule{"small": small, "medium": medium, "large": All(groups...)}
}

// A benchPerson is what the rules of benchRules look at, as one would declare it
// for them alone.
type benchPerson struct {
	known  [20]bool
	number [20]int64
	text   [20]string
	lower  [20]string // what one would store to compare without case
	truth  [20]bool
	count  [20]uint64
	last   [20]int64
}

func newBenchPerson(rec *Record) *benchPerson {
	p := &benchPerson{}
	for i, a := range rec.Profile.Attributes {
		p.known[i], p.number[i], p.text[i], p.lower[i], p.truth[i] = true, a.Value.num, a.Value.str, strings.ToLower(a.Value.str), a.Value.num != 0
	}
	for i, st := range rec.Stats {
		p.count[i], p.last[i] = st.Count, st.Last
	}
	return p
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
				p.count[2] >= 8 && p.last[7] > now-30*86400 && (p.truth[2] || p.truth[6]) && p.number[12] > 3
		},
		"large": func(p *benchPerson, _ int64) bool {
			k, n := &p.known, &p.count
			return (!k[0] || n[0] >= 1) && (!k[1] || n[1] >= 1) && (!k[2] || n[2] >= 1) && (!k[3] || n[3] >= 1) && (!k[4] || n[4] >= 1) &&
				(!k[5] || n[5] >= 1) && (!k[6] || n[6] >= 1) && (!k[7] || n[7] >= 1) && (!k[8] || n[8] >= 1) && (!k[9] || n[9] >= 1) &&
				(!k[10] || n[10] >= 1) && (!k[11] || n[11] >= 1) && (!k[12] || n[12] >= 1) && (!k[13] || n[13] >= 1) && (!k[14] || n[14] >= 1) &&
				(!k[15] || n[15] >= 1) && (!k[16] || n[16] >= 1) && (!k[17] || n[17] >= 1) && (!k[18] || n[18] >= 1) && (!k[19] || n[19] >= 1)
		},
	}
}

// The limit does the same as the rules.
func TestBenchLimitsAgree(t *testing.T) {
	for name, r := range benchRules() {
		rule, held := benchCompile(t, r, time.UTC), 0
		for i := range 100 {
			rec := benchContact(i)
			got := rule.eval(&scope{rec: rec, now: testNow.UnixMilli(), loc: time.UTC})
			if want := benchLimits()[name](newBenchPerson(rec), testNow.Unix()); got != want {
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

func benchCompile(tb testing.TB, r Rule, loc *time.Location) *compiledRule {
	tb.Helper()
	var faults ErrorList
	compiled := compileRule(r, &ruleCompiler{loc: loc, counters: &counterSet{}, faults: &faults}, ruleOfContact, "")
	if len(faults) > 0 {
		tb.Fatal(faults)
	}
	return compiled
}

func BenchmarkRules(b *testing.B) {
	for _, name := range []string{"small", "medium", "large"} {
		rule := benchCompile(b, benchRules()[name], time.UTC)
		b.Run(name, func(b *testing.B) {
			s := &scope{rec: benchContact(0), now: testNow.UnixMilli(), loc: time.UTC}
			b.ReportAllocs()
			for b.Loop() {
				rule.eval(s)
			}
		})
		b.Run(name+"-limit", func(b *testing.B) {
			p, now, limit := newBenchPerson(benchContact(0)), testNow.Unix(), benchLimits()[name]
			for b.Loop() {
				limit(p, now)
			}
		})
	}
	b.Run("mixed", func(b *testing.B) { // nothing is trained on one contact
		rule := benchCompile(b, benchRules()["medium"], time.UTC)
		contacts := make([]*Record, 1024)
		for i := range contacts {
			contacts[i] = benchContact(i)
		}
		s := &scope{now: testNow.UnixMilli(), loc: time.UTC}
		i := 0
		for b.Loop() {
			s.rec = contacts[i%len(contacts)]
			rule.eval(s)
			i++
		}
	})
}

// Evaluation allocates nothing, whatever is asked and whatever is found.
func TestEvaluationAllocatesNothing(t *testing.T) {
	dublin := zoneTest(t, "Europe/Dublin")
	rec := benchContact(0)
	attributes := []Attribute{
		NewAttribute("big", NumberLiteral("123456789012345678901234567890.5")),
		NewAttribute("date", String("2026-03-01T12:00:00Z")),
		NewAttribute("day", String("2026-03-01 but no date at all")),
		NewAttribute("list", List("a", "b", "c")),
		NewAttribute("money", Monetary(1999, "eur")),
		NewAttribute("named", String("Ada Łovelace")),
		NewAttribute("small", NumberLiteral("1.5")),
	}
	rec.Profile.Attributes = append(rec.Profile.Attributes, attributes...)
	rec.Sends = []Sends{{Message: "m", Count: 1, Last: 5}}
	rec.Counters = []Counter{{Def: "event-01", Keep: 5, Count: 3, First: 1, Last: 3, Times: []int64{1, 2, 3}}}
	rules := benchRules()
	all := func(user User) []Rule {
		return []Rule{
			user.Is("x"), user.Is(1.25), user.Is(true), user.Is(Monetary(1999, "EUR")), user.In("x", 1, true), user.In(make([]int, 100)),
			user.Contains("łove"), user.ContainsWord("LOVE"), user.StartsWith("ADA"), user.EndsWith("ÇE"),
			user.AtLeast(1e30), user.AtLeast(NumberLiteral("123456789012345678901234567890.5")), user.Between(1, 2),
			user.MoreThanAgo(3 * Day), user.LessThanAgo(3 * Hour), user.ExactlyAgo(2 * Day), user.After("2026-01-02"),
			user.ContainsAny("c", "d"), user.ContainsAll("a", "b"), user.ContainsNone("x"), user.IsUnknown(), user.HasAnyValue(),
		}
	}
	for _, a := range append(attributes, NewAttribute("none", Value{})) {
		for i, r := range all(User(a.Name.Value())) {
			rules[fmt.Sprintf("%s %d", a.Name.Value(), i)] = r
		}
	}
	for i, r := range []Rule{
		Company("employees").AtLeast(1), Metadata("K").Is(1), PageURL().Contains("x"), PageSeconds().AtLeast(1),
		Did("event-01").Within(Day).AtLeast(3), Did("event-02").Within(Day).AtLeast(3), Did("event-01").First().On("2026-01-02"),
		WasSent("m").Last().MoreThanAgo(Day), WasSent("m").AtLeast(1), User("email").IsUnknown(), User("last_seen_at").LessThanAgo(Day),
		Did("event-02").Where(Metadata("k").Is(1)).Last().IsUnknown(),
	} {
		rules[fmt.Sprint(i)] = r
	}
	for name, r := range rules {
		var faults ErrorList
		rule := compileRule(r, &ruleCompiler{loc: dublin, counters: &counterSet{}, faults: &faults}, ruleOfTrigger, "")
		if len(faults) > 0 {
			t.Fatal(name, faults)
		}
		s := &scope{
			rec: rec, company: rec, page: &Page{URL: "https://x.example", Seconds: Number(3)}, loc: dublin,
			now: testNow.UnixMilli(), fields: Fields{{"k", Number(1)}},
		}
		if n := testing.AllocsPerRun(5, func() { s.ago = agoCache{}; rule.eval(s) }); n != 0 {
			t.Errorf("%s: %v allocations in %s", name, n, r)
		}
	}
}
