package report

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/replay"
)

// A view is what the page shows, in its order and as text.
type view struct {
	Title, First, Other string
	Headline            string // a sentence
	Compared            bool
	Period              string // empty if nothing was sent
	Facts               []fact
	Days                chart
	Reasons             []reasonRow
	Messages            []messageRow
	MoreMessages        string // how many are not listed; empty if none
	Examples            []exampleRow
	MoreExamples        string
	Refusals            []refusalRow
}

// A refusalRow is why some steps were refused.
type refusalRow struct{ Steps, First, Error string }

// A fact is one number.
type fact struct{ Name, Value, Other, Change string }

// A chart is the sends of days.
type chart struct {
	Bars  []bar
	Label string // what it shows, for who cannot see it
	Most  string // the highest bar
	From  string
	To    string
	Width int // of all bars
}

// A bar is the sends of a day, or of several. Its numbers are those of the picture, whose
// height is 100.
type bar struct {
	Day           string
	Value, Other  string
	X, Y, H       int
	OtherY, OthrH int
}

// A reasonRow is how often messages were held for a reason.
type reasonRow struct {
	Reason       string
	Value, Other string
	W, OtherW    int // of 1000
}

// A messageRow is one message.
type messageRow struct {
	ID           string
	Value, Other string // sent
	Change       string // with a sign
	Direction    string // more, less or same
	W, OtherW    int    // of 1000
	Held         []heldPart
	Line         string // the points of its sends over the days
}

// A heldPart is a reason of one message.
type heldPart struct{ Reason, Value string }

// An exampleRow is a delivery that only one of the programs makes.
type exampleRow struct{ Change, Sign, Message, Contact, At, Held string }

func viewOf(p *Page) *view {
	r := cmp.Or(p.Report, &replay.Report{})
	v := &view{Title: cmp.Or(p.Title, "Replay"), First: cmp.Or(p.First, "now"), Other: cmp.Or(p.Other, "edited"), Compared: r.Other != nil}
	other := &replay.Summary{}
	if v.Compared {
		other = r.Other
	}
	v.Headline = "It sends " + plural(total(r.Summary.Sent), "message") + " to " + plural(int64(r.Summary.Contacts), "contact") + "."
	if r.Difference != nil {
		v.Headline = "This edit " + r.Difference.String() + "."
	}
	v.facts(r, other)
	v.days(&r.Summary, other)
	v.reasons(&r.Summary, other)
	v.messages(&r.Summary, other)
	v.examples(r.Difference)
	for _, x := range r.Refusals {
		v.Refusals = append(v.Refusals, refusalRow{number(int64(x.Steps)), strconv.Itoa(x.First), x.Error})
	}
	return v
}

func (v *view) facts(r *replay.Report, other *replay.Summary) {
	add := func(name string, a, b int64) {
		v.Facts = append(v.Facts, fact{name, number(a), number(b), signed(b - a)})
	}
	v.Facts = append(v.Facts, fact{Name: "steps played", Value: number(int64(r.Steps))})
	if r.Refused > 0 {
		v.Facts = append(v.Facts, fact{Name: "steps refused", Value: number(int64(r.Refused))})
	}
	add("messages sent", total(r.Summary.Sent), total(other.Sent))
	add("contacts reached", int64(r.Summary.Contacts), int64(other.Contacts))
	add("times held", allHeld(&r.Summary), allHeld(other))
}

// days draws the sends of all days.
func (v *view) days(first, other *replay.Summary) {
	buckets := bucketsOf(first, other)
	a, b := buckets.fill(first, ""), buckets.fill(other, "")
	most := max(slices.Max(append(a, 0)), slices.Max(append(b, 0)))
	v.Days = chart{Most: number(most), Width: len(a) * 10}
	v.Days.Label = "Messages sent by day: " + number(total(first.Sent))
	if v.Compared {
		v.Days.Label += " with " + v.First + ", " + number(total(other.Sent)) + " with " + v.Other
	}
	for i := range a {
		x := bar{Day: buckets.name(i), Value: number(a[i]), Other: number(b[i]), X: i * 10, H: part(a[i], most, 100), OthrH: part(b[i], most, 100)}
		x.Y, x.OtherY = 100-x.H, 100-x.OthrH
		v.Days.Bars = append(v.Days.Bars, x)
	}
	if n := len(v.Days.Bars); n > 0 {
		v.Days.From, v.Days.To = buckets.day(0), buckets.last.Format(time.DateOnly)
		if v.Period = v.Days.From; v.Days.To != v.Days.From {
			v.Period += " to " + v.Days.To
		}
	}
}

func (v *view) reasons(first, other *replay.Summary) {
	a, b := byReason(first), byReason(other)
	all := maps.Clone(a)
	most := int64(0)
	for reason, n := range b {
		all[reason] += n
	}
	for reason := range all {
		most = max(most, a[reason], b[reason])
	}
	for _, reason := range mostFirst(all) {
		v.Reasons = append(v.Reasons, reasonRow{string(reason), number(a[reason]), number(b[reason]), part(a[reason], most, 1000), part(b[reason], most, 1000)})
	}
}

func (v *view) messages(first, other *replay.Summary) {
	sent, held, most := map[string]int64{}, map[string]int64{}, int64(0)
	for _, s := range []*replay.Summary{first, other} {
		for m, n := range s.Sent {
			sent[m] += n
			held[m] += 0
			most = max(most, n)
		}
		for m, reasons := range s.Held {
			held[m] += total(reasons)
		}
	}
	list := mostFirst(held)
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(sent[b], sent[a]) })
	if len(list) > MaxMessages {
		v.MoreMessages = plural(int64(len(list)-MaxMessages), "more message")
		list = list[:MaxMessages]
	}
	buckets := bucketsOf(first, other)
	shown := first
	if v.Compared {
		shown = other
	}
	for _, id := range list {
		a, b := first.Sent[id], other.Sent[id]
		row := messageRow{ID: id, Value: number(a), Other: number(b), Change: signed(b - a), Direction: "same", W: part(a, most, 1000), OtherW: part(b, most, 1000)}
		switch {
		case b > a:
			row.Direction = "more"
		case b < a:
			row.Direction = "less"
		}
		for _, reason := range mostFirst(shown.Held[id]) {
			row.Held = append(row.Held, heldPart{string(reason), number(shown.Held[id][reason])})
		}
		row.Line = points(buckets.fill(shown, id))
		v.Messages = append(v.Messages, row)
	}
}

func (v *view) examples(d *replay.Difference) {
	if d == nil {
		return
	}
	list := slices.Clone(d.Examples)
	slices.SortStableFunc(list, func(a, b replay.Example) int {
		return cmp.Or(cmp.Compare(a.Message, b.Message), cmp.Compare(a.Change, b.Change))
	})
	for i, x := range list {
		if i == MaxExamples {
			v.MoreExamples = plural(int64(len(list)-MaxExamples), "more example")
			break
		}
		sign := "+"
		if x.Change == replay.Removed {
			sign = "−"
		}
		v.Examples = append(v.Examples, exampleRow{string(x.Change), sign, x.Message, x.Contact, x.At.UTC().Format("2006-01-02 15:04:05"), string(x.Held)})
	}
}

// points returns the points of a line over counts, in a picture of 100 by 24.
func points(counts []int64) string {
	most := slices.Max(append(counts, 0))
	if most == 0 {
		return ""
	}
	if len(counts) == 1 {
		counts = []int64{counts[0], counts[0]}
	}
	text := ""
	for i, n := range counts {
		text += strconv.Itoa(i*100/(len(counts)-1)) + "," + strconv.Itoa(22-part(n, most, 20)) + " "
	}
	return text[:len(text)-1]
}

// part returns n of most as so many of whole, at least 1 if there is any.
func part(n, most int64, whole int) int {
	if n == 0 || most == 0 {
		return 0
	}
	return max(1, int(float64(n)/float64(most)*float64(whole)+0.5))
}

func byReason(s *replay.Summary) map[beckon.Reason]int64 {
	sums := map[beckon.Reason]int64{}
	for _, reasons := range s.Held {
		for reason, n := range reasons {
			sums[reason] += n
		}
	}
	return sums
}

func allHeld(s *replay.Summary) int64 { return total(byReason(s)) }

func total[K comparable](counts map[K]int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}

// mostFirst returns the keys, those of the highest counts first.
func mostFirst[K cmp.Ordered](counts map[K]int64) []K {
	return slices.SortedFunc(maps.Keys(counts), func(a, b K) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
}
