package beckon_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A modelValue is what an event has under "v": a decimal, of a currency or plain, or
// something else, told apart by its text.
type modelValue struct {
	text     string // of all that is equal the same; empty for nothing
	number   bool
	currency string
	major    decimal.Decimal
}

// drawValue returns a value as the model has it, and as an event carries it.
func drawValue(t *rapid.T) (modelValue, beckon.Value) {
	n := rapid.SampledFrom([]string{"-1", "0", "1", "1.0", "2", "2.5", "100000000000000000000", "0.000000000000000000001"}).Draw(t, "n")
	switch rapid.IntRange(0, 5).Draw(t, "v") {
	case 0:
		return modelValue{}, beckon.Value{}
	case 1:
		return modelValue{text: "text " + n}, beckon.String(n)
	case 2, 3:
		minor := int64(rapid.IntRange(-1, 3).Draw(t, "minor"))
		code := rapid.SampledFrom([]string{"EUR", "JPY"}).Draw(t, "currency")
		digits := map[string]int32{"EUR": 2, "JPY": 0}[code]
		return modelValue{fmt.Sprint(code, minor), true, code, decimal.New(minor, -digits)}, beckon.Monetary(minor, code)
	}
	d := decimal.RequireFromString(n)
	return modelValue{"number " + d.String(), true, "", d}, beckon.NumberLiteral(n)
}

// A valueCondition is one on the values of the event "e".
type valueCondition struct {
	stat     beckon.Stat
	op       beckon.Op
	currency string
	operand  decimal.Decimal
	within   time.Duration
	atX      int
}

func drawValueCondition(t *rapid.T) valueCondition {
	c := valueCondition{
		stat:     rapid.SampledFrom([]beckon.Stat{beckon.StatSum, beckon.StatMin, beckon.StatMax, beckon.StatAverage, beckon.StatDistinct}).Draw(t, "stat"),
		op:       rapid.SampledFrom([]beckon.Op{"is", "is_not", "at_least", "at_most", "greater_than", "less_than", "is_unknown", "has_any_value"}).Draw(t, "op"),
		currency: rapid.SampledFrom([]string{"", "EUR", "JPY"}).Draw(t, "in"),
		operand:  decimal.New(int64(rapid.IntRange(-2, 4).Draw(t, "operand")), 0),
		within:   rapid.SampledFrom([]time.Duration{0, time.Minute, time.Hour}).Draw(t, "within"),
		atX:      rapid.IntRange(0, 2).Draw(t, "at x"),
	}
	known := c.stat == beckon.StatSum || c.stat == beckon.StatDistinct
	if known && (c.op == "is_unknown" || c.op == "has_any_value") {
		c.op = "at_least"
	}
	if c.stat == beckon.StatDistinct {
		c.currency, c.operand = "", c.operand.Abs()
	}
	return c
}

func (c valueCondition) rule() beckon.Rule {
	r := beckon.Rule{Event: "E", Stat: c.stat, Of: "V", Op: c.op}
	switch {
	case c.op == "is_unknown" || c.op == "has_any_value":
	case c.currency == "EUR":
		r.Value = beckon.OperandOf(beckon.Monetary(c.operand.IntPart()*100, "eur"))
	case c.currency != "":
		r.Value = beckon.OperandOf(beckon.Monetary(c.operand.IntPart(), c.currency))
	default:
		r.Value = beckon.OperandOf(c.operand)
	}
	if c.within > 0 {
		r.Within = beckon.DurationOf(c.within)
	}
	if c.atX > 0 {
		where := beckon.Metadata("x").AtLeast(c.atX)
		r.Where = &where
	}
	return r
}

// A valueEvent is an event of the model.
type valueEvent struct {
	at int64
	x  int
	v  modelValue
}

// holds goes through all events there ever were.
func (c valueCondition) holds(events []valueEvent, now int64) bool {
	var in []valueEvent
	var texts []string
	for _, e := range events {
		if e.v.text == "" || e.x < c.atX || c.within > 0 && e.at*1000 <= now-c.within.Milliseconds() {
			continue
		}
		if !slices.Contains(texts, e.v.text) {
			texts = append(texts, e.v.text)
		}
		withMoney := c.currency != "" && c.op != "is_unknown" && c.op != "has_any_value"
		if e.v.number && (!withMoney || e.v.currency == c.currency) {
			in = append(in, e)
		}
	}
	sum, least, most := decimal.Zero, decimal.Zero, decimal.Zero
	for i, e := range in {
		sum = sum.Add(e.v.major)
		if i == 0 || e.v.major.LessThan(least) {
			least = e.v.major
		}
		if i == 0 || e.v.major.GreaterThan(most) {
			most = e.v.major
		}
	}
	subject, with, known := sum, c.operand, true
	switch c.stat {
	case beckon.StatDistinct:
		subject = decimal.New(int64(len(texts)), 0)
	case beckon.StatMin:
		subject, known = least, len(in) > 0
	case beckon.StatMax:
		subject, known = most, len(in) > 0
	case beckon.StatAverage:
		with, known = with.Mul(decimal.New(int64(len(in)), 0)), len(in) > 0
	}
	sign := subject.Cmp(with)
	switch c.op {
	case "is_unknown":
		return !known
	case "has_any_value":
		return known
	case "is":
		return known && sign == 0
	case "is_not":
		return !known || sign != 0
	case "at_least":
		return known && sign >= 0
	case "at_most":
		return known && sign <= 0
	case "greater_than":
		return known && sign > 0
	}
	return known && sign < 0
}

// A13: over random histories (late events, imports, a clock that steps back, programs
// that come and go, contacts that become one, a rule that no program has) the engine says
// what a list of all events says.
func TestSumsAgainstModel(t *testing.T) {
	ctx := context.Background()
	checkOften(t, func(t *rapid.T) {
		now := modelStart
		var conditions []valueCondition
		var programs [3]beckon.Program // the last one needs none of it
		for i := range rapid.IntRange(1, 4).Draw(t, "conditions") {
			c := drawValueCondition(t)
			conditions = append(conditions, c)
			m := beckon.Message{
				ID: fmt.Sprint("m", i), Status: beckon.Live, LiveAt: now.Add(-24 * time.Hour), Trigger: beckon.On("go"),
				Frequency: &beckon.Frequency{Every: beckon.Seconds(0)}, Audience: c.rule(), Content: beckon.Content{Body: "x"},
			}
			programs[0].Messages = append(programs[0].Messages, m)
			if i%2 == 0 {
				programs[1].Messages = append(programs[1].Messages, m)
			}
		}
		engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
		if err != nil {
			t.Fatal(err)
		}
		publish := func() {
			if err := engine.Publish(ctx, programs[rapid.IntRange(0, 2).Draw(t, "program")]); err != nil {
				t.Fatal(err)
			}
		}
		publish()
		ids := []string{"a", "b", "c"}
		people := map[string]*[]valueEvent{} // who is known
		of := func(id string) *[]valueEvent {
			if people[id] == nil {
				people[id] = new([]valueEvent)
			}
			return people[id]
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(rapid.SampledFrom([]time.Duration{0, time.Second, 59 * time.Second, time.Minute, 30 * time.Minute, time.Hour, -time.Second, -5 * time.Minute}).Draw(t, "wait"))
			id := rapid.SampledFrom(ids).Draw(t, "who")
			switch rapid.IntRange(0, 7).Draw(t, "what") {
			case 0:
				publish()
			case 1:
				into := rapid.SampledFrom(ids).Draw(t, "into")
				if _, err := engine.Merge(ctx, user(id), user(into)); err != nil {
					t.Fatal(err)
				}
				from := people[id]
				if from == nil || from == people[into] {
					continue
				}
				to := of(into)
				*to = append(*to, *from...)
				for i := range people {
					if people[i] == from {
						people[i] = to
					}
				}
			case 2:
				c := drawValueCondition(t)
				if people[id] == nil {
					continue
				}
				got, err := engine.Matches(ctx, c.rule(), user(id))
				if want := c.holds(*people[id], now.UnixMilli()); err != nil || got != want {
					t.Fatalf("%s: %s is %v, %v; want %v of %v", now, c.rule(), got, err, want, *people[id])
				}
			case 3:
				res, err := engine.Track(ctx, beckon.Event{Name: "go", UserID: id})
				if err != nil {
					t.Fatal(err)
				}
				of(id)
				got := decided(&res)
				for i, c := range conditions {
					want := fmt.Sprintf("m%d held audience 0", i)
					if c.holds(*people[id], now.UnixMilli()) {
						want = fmt.Sprintf("m%d sent", i)
					}
					if j := slices.IndexFunc(got, func(s string) bool { return s[:2] == want[:2] }); j >= 0 && got[j][:min(len(want), len(got[j]))] != want {
						t.Fatalf("%s: got %q, want %q: %s of %v", now, got[j], want, c.rule(), *people[id])
					}
				}
			default:
				v, given := drawValue(t)
				e := valueEvent{now.Unix(), rapid.IntRange(0, 2).Draw(t, "x"), v}
				in := beckon.Event{Name: "e", UserID: id, Metadata: beckon.Fields{{Key: "x", Value: beckon.Number(e.x)}}, Import: rapid.IntRange(0, 3).Draw(t, "import") == 0}
				if v.text != "" {
					in.Metadata = append(in.Metadata, beckon.Field{Key: "v", Value: given})
				}
				if rapid.IntRange(0, 2).Draw(t, "late") == 0 {
					in.CreatedAt = now.Add(-rapid.SampledFrom([]time.Duration{30 * time.Second, 20 * time.Minute}).Draw(t, "by")).Truncate(time.Second)
					in.EventID = fmt.Sprint(len(*of(id)), now)
					e.at = in.CreatedAt.Unix()
				}
				if _, err := engine.Track(ctx, in); err != nil {
					t.Fatal(err)
				}
				*of(id) = append(*of(id), e)
			}
		}
	})
}
