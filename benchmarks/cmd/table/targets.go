package main

import (
	"fmt"
	"slices"
	"strings"
)

// A target is one thing that was to be reached. A measurement says how far it
// is; why is printed where it is not met, and says what the time goes into.
type target struct {
	work, aim string
	measured  func(r *results) (text string, v verdict)
	why       string
}

// A verdict says whether a target is met.
type verdict string

const (
	met       verdict = "met"
	notMet    verdict = "**not met**"
	undecided verdict = "undecided"
	unknown   verdict = "not measured"
)

// judge says whether what was measured reaches a target: only if all turns lie on the
// same side of it is that known.
func judge(turns []float64, reached func(float64) bool) verdict {
	switch n := len(slices.DeleteFunc(slices.Clone(turns), reached)); {
	case len(turns) == 0:
		return unknown
	case n == 0:
		return met
	case n == len(turns):
		return notMet
	}
	return undecided
}

// spanned writes the median of the turns, and the least and the most where they differ.
func spanned(turns []float64, unit string) string {
	if len(turns) == 0 {
		return "–"
	}
	text := number(median(turns), true) + unit
	if least, most := number(slices.Min(turns), true), number(slices.Max(turns), true); least != most {
		text += " (" + least + " to " + most + ")"
	}
	return text
}

// atMost holds if the value is no more than the aim.
func atMost(unit string, aim float64, turns func(r *results) []float64) func(*results) (string, verdict) {
	return func(r *results) (string, verdict) {
		list := turns(r)
		return spanned(list, unit), judge(list, func(v float64) bool { return v <= aim })
	}
}

// atLeast holds if the value is no less than the aim.
func atLeast(unit string, aim float64, turns func(r *results) []float64) func(*results) (string, verdict) {
	return func(r *results) (string, verdict) {
		list := turns(r)
		return spanned(list, unit), judge(list, func(v float64) bool { return v >= aim })
	}
}

// times returns how many times the base a row takes, by turn.
func times(table, row, base string) func(r *results) []float64 {
	return func(r *results) []float64 {
		t := r.find(table)
		return ratios(t.find(row), t.find(base), r.by)
	}
}

// faster returns how many times as fast a row is as the fastest of the rows that
// begin so, by turn.
func faster(table, row string, prefixes ...string) func(r *results) []float64 {
	return func(r *results) (best []float64) {
		t := r.find(table)
		if t == nil {
			return nil
		}
		for _, other := range t.rows {
			if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(other.name, p) }) {
				if list := ratios(other, t.find(row), r.by); len(list) > 0 && (best == nil || median(list) < median(best)) {
					best = list
				}
			}
		}
		return best
	}
}

// metric returns what a row has of a metric, by turn.
func metric(table, row, name string) func(r *results) []float64 {
	return func(r *results) []float64 {
		if found := r.find(table).find(row); found != nil {
			return found.values[name]
		}
		return nil
	}
}

// quotient returns one row's metric in parts of another's, by turn.
func quotient(name, tableA, a, tableB, b string) func(r *results) []float64 {
	return func(r *results) []float64 { return ratios(r.find(tableA).find(a), r.find(tableB).find(b), name) }
}

// moreBy returns how much more a row costs in a greater table than in a lesser, in parts of
// what another row does, by turn.
func moreBy(row, base, lesser, greater string) func(r *results) []float64 {
	return func(r *results) (list []float64) {
		more := func(name string) (list []float64) {
			a, b := r.find(lesser).find(name), r.find(greater).find(name)
			if a == nil || b == nil {
				return nil
			}
			for i := range min(len(a.values[r.by]), len(b.values[r.by])) {
				list = append(list, b.values[r.by][i]-a.values[r.by][i])
			}
			return list
		}
		ours, other := more(row), more(base)
		for i := range min(len(ours), len(other)) {
			if other[i] > 0 {
				list = append(list, ours[i]/other[i])
			}
		}
		return list
	}
}

// perSecond returns how many thousand times a second of processor time has room for a row, by
// turn.
func perSecond(table, row string) func(r *results) []float64 {
	return mapped(metric(table, row, cpu), func(v float64) float64 { return 1e6 / v })
}

// mapped returns what is made of each turn.
func mapped(turns func(r *results) []float64, do func(float64) float64) func(r *results) []float64 {
	return func(r *results) (list []float64) {
		for _, v := range turns(r) {
			list = append(list, do(v))
		}
		return list
	}
}

func targets() []target {
	const (
		rules = "A rule finds its values by name in a record that other programs have written, a value may be missing or of another type, and texts are " +
			"compared without case. A struct made for one program needs none of this."
		decisions = "The limit counts the matches. beckon also asks for the status of each candidate, notes why each one is " +
			"held and what to count for it, and records the event."
		throttle = "Both wait for memory most of the time: for the slot of the key, then for the record. The rest is the Store between " +
			"the rule and the table: two borrowed pieces of memory, a decision behind an interface " +
			"that may panic, and the newest permits, which the limit does not keep."
		decode = "The body is copied once and each byte looked at once, eight at a time. The rest is what the peers " +
			"leave out: UTF-8, types, names, URLs, numbers, limits and keys that are there twice."
		tracked  = "beckon asks for each candidate what the assembly leaves out: a schedule, consent, caps, permits that can be released, a catalogue."
		replayed = "A figure of so many a second depends on the machine, and one event is all that a Track is, with the collector's work."
		memory   = "Counts have 64 bits here, and a row of a contact can stand anywhere."
		cores    = "Both cores share one memory and one last cache. On a machine that others use too, the second core is not always free."
		hot      = "Steps on one contact run one after the other. One goroutine keeps the contact in its core's cache. With two, each line that a step " +
			"writes travels to the other core and back."
	)
	var list []target
	for _, size := range []struct {
		name        string
		limit, fast float64
	}{{"small", 3, 6}, {"medium", 3, 10}, {"large", 4, 10}} {
		table := "Rule/" + size.name
		list = append(list,
			target{"Rule, " + size.name, fmt.Sprintf("within %.0f× of a struct by hand", size.limit), atMost("×", size.limit, times(table, "beckon-rule", "limit-struct")), rules},
			target{"Rule, " + size.name, fmt.Sprintf("%.0f× faster than expr and cel-go at their best", size.fast), atLeast("×", size.fast, faster(table, "beckon-rule", "expr-", "cel-")), rules},
			target{"Rule, " + size.name, "25× faster than LaunchDarkly's evaluator", atLeast("×", 25, faster(table, "beckon-rule", "launchdarkly")), rules},
			target{"Rule, " + size.name, "no allocation", atMost("", 0, metric(table, "beckon-rule", "allocs/op")), rules},
		)
	}
	list = append(list, target{"Rule, mixed", "4× faster than expr at its best", atLeast("×", 4, faster("Rule/mixed", "beckon-rule", "expr-")), rules})
	for _, n := range []string{"1000", "10000"} {
		list = append(list, target{"Candidates of " + n + " messages", "within 3× of an index and rules by hand", atMost("×", 3, times("Match/"+n, "beckon-decision", "limit-index")), decisions})
	}
	list = append(list,
		target{
			"One held candidate more", "within 2.5× of an index and rules by hand that note reasons",
			atMost("×", 2.5, moreBy("beckon-decision", "index-by-hand-noting-reasons", "Match/1000", "Match/10000")), decisions,
		},
		target{
			"Candidates", "100,000 messages of other events cost no more than 1,000 (within a tenth)",
			atMost("×", 1.1, quotient(cpu, "Curve/messages", "100000", "Curve/messages", "1000")), "The greater index falls out of the caches.",
		},
		target{"Check and take", "within 1.5× of a sharded map", atMost("×", 1.5, times("Cap/allowed", "beckon-Throttler", "limit-sharded-map")), throttle},
		target{"Check and take", "1.3× faster than throttled, x/time/rate and ulule", atLeast("×", 1.3, faster("Cap/allowed", "beckon-Throttler", "throttled-", "x-time-", "ulule-")), throttle},
		target{"Render", "within 1.5× of a builder by hand", atMost("×", 1.5, times("Render", "beckon-Renderer", "limit-builder")), ""},
		target{"Render", "15× faster than html/template", atLeast("×", 15, faster("Render", "beckon-Renderer", "html-template-")), "beckon is already as fast as writing the text by hand (1.0×). Only code that is faster than that could reach this target."},
		target{"Render", "1 allocation", atMost("", 1, metric("Render", "beckon-Renderer", "allocs/op")), ""},
		target{
			"Decode", "within 1.5× of the fastest that keeps order",
			atMost("×", 1.5, mapped(
				faster("Decode", "beckon-ParseEvent", "limit-", "fastjson-", "sonic-", "gjson-", "jsontext-", "encoding-json-Token"),
				func(v float64) float64 { return 1 / v },
			)), decode,
		},
		target{"Track, one sent", "8× faster than the assembly", atLeast("×", 8, times("Track/sent", "assembled-json", "beckon-TrackJSON")), tracked},
		target{"Track, all held", "10× faster than the assembly", atLeast("×", 10, times("Track/held", "assembled-json", "beckon-TrackJSON")), tracked},
		target{"Track, one sent", "3× faster than the tuned assembly, with JSON", atLeast("×", 3, times("Track/sent", "assembled-tuned-json", "beckon-TrackJSON")), tracked},
		target{"Track, all held", "3.5× faster than the tuned assembly, with JSON", atLeast("×", 3.5, times("Track/held", "assembled-tuned-json", "beckon-TrackJSON")), tracked},
		target{"Track without metadata, all held", "no allocation", atMost("", 0, metric("Track/held", "beckon-Track-without-metadata", "allocs/op")), ""},
		target{"Replay, one event in six sends", "300,000 events a second on one core", atLeast(" k/s", 300, perSecond("Replay", "sixth")), replayed},
		target{"Replay, each event sends", "300,000 events a second on one core", atLeast(" k/s", 300, perSecond("Replay", "each")), replayed},
		target{"Replay of JSON lines", "300,000 events a second on one core", atLeast(" k/s", 300, perSecond("Replay", "lines")), replayed},
		target{"Memory of a contact", "within 1.6× of inline arrays", atMost("×", 1.6, quotient("heap-B/contact", "State", "beckon-memstore-Step", "State", "limit-inline-arrays")), memory},
		target{"Memory of a contact", "a third of nested maps", atMost("×", 1.0/3, quotient("heap-B/contact", "State", "beckon-memstore-Step", "State", "map-of-maps")), memory},
		target{"2 cores, distinct contacts", "1.8× of one", atLeast("×", 1.8, quotient("ns/op", "Cores", "distinct-1-goroutines", "Cores", "distinct-2-goroutines")), cores},
		target{"2 cores, one hot contact", "no collapse: no slower than 1.5× of one goroutine", atMost("×", 1.5, quotient("ns/op", "Cores", "hot-2-goroutines", "Cores", "hot-1-goroutines")), hot},
		target{"Publish 10,000 messages", "under a second", atMost(" s", 1, mapped(metric("Publish", "publish-10000", "ns/op"), func(v float64) float64 { return v / 1e9 })), ""},
		target{
			"Track while that happens", "as beside the same work for another engine: p50 and p99 within 1.5×",
			func(r *results) (string, verdict) {
				a := quotient("p50-ns", "Publish", "track-beside-publish", "Publish", "track-beside-other-engine")(r)
				b := quotient("p99-ns", "Publish", "track-beside-publish", "Publish", "track-beside-other-engine")(r)
				within := func(v float64) bool { return v <= 1.5 }
				v, other := judge(a, within), judge(b, within)
				if v == met || other == notMet || other == unknown {
					v = other
				}
				return "p50 " + spanned(a, "×") + ", p99 " + spanned(b, "×"), v
			}, "The publisher takes one of the two cores and its garbage the collector's attention; the engine itself costs the difference to the same work for another engine.",
		},
	)
	return list
}

const cpu = "cpu-ns/op"

// targetTable has a line for each target, whether it is met, and below the reasons where
// it is not.
func (r *results) targetTable() string {
	var b strings.Builder
	var reasons []string
	count := map[verdict]int{}
	list := targets()
	b.WriteString("| Work | Target | Measured | |\n| --- | --- | ---: | --- |\n")
	for _, t := range list {
		text, v := t.measured(r)
		count[v]++
		said := string(v)
		if (v == notMet || v == undecided) && t.why != "" {
			i := slices.Index(reasons, t.why)
			if i < 0 {
				i, reasons = len(reasons), append(reasons, t.why)
			}
			said += fmt.Sprintf(" (%d)", i+1)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", t.work, t.aim, text, said)
	}
	fmt.Fprintf(&b, "\n%d of %d are met, %d are not, and %d are undecided: not all turns lie on one side of the target.",
		count[met], len(list), count[notMet], count[undecided])
	if len(reasons) > 0 {
		b.WriteString(" Why the others are not met:\n\n")
	}
	for i, why := range reasons {
		fmt.Fprintf(&b, "%d. %s\n", i+1, why)
	}
	return b.String()
}
