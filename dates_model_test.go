package beckon_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A naiveDate is a date rule as the rulebook has it: its occurrences are found by counting
// up from the date, and the first instant of a reading of the clock by looking at every
// minute.
type naiveDate struct {
	id      string
	channel beckon.Channel
	days    int
	minutes int // instead of days, if timed
	timed   bool
	at      int // minutes of the day; -1: no time
	every   beckon.Period
	span    time.Duration
	own     bool // the contact's zone counts
	asks    bool // for who is pro

	sent map[string]bool // by the occurrence's day or instant in UTC
	held string          // the latest that was held when it was due
}

func (r *naiveDate) instant() bool { return r.timed || r.at >= 0 }

// A naiveOccurrence is named by what it is in UTC.
type naiveOccurrence struct {
	name        string
	from, until time.Time
}

// clock is what the clock in a zone shows, as if it were UTC.
func clock(at time.Time, loc *time.Location) time.Time {
	l := at.In(loc)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC)
}

func firstInstant(wall time.Time, loc *time.Location) time.Time {
	at := wall.Add(-15 * time.Hour)
	for clock(at, loc).Before(wall) {
		at = at.Add(time.Minute)
	}
	return at
}

func later(wall time.Time, every beckon.Period, n int) time.Time {
	months := n
	switch every {
	case "":
		return wall
	case beckon.Daily:
		return wall.AddDate(0, 0, n)
	case beckon.Weekly:
		return wall.AddDate(0, 0, 7*n)
	case beckon.Yearly:
		months = 12 * n
	}
	first := time.Date(wall.Year(), wall.Month()+time.Month(months), 1, wall.Hour(), wall.Minute(), 0, 0, time.UTC)
	for day := wall.Day(); ; day-- {
		if x := first.AddDate(0, 0, day-1); x.Month() == first.Month() {
			return x
		}
	}
}

// latest returns the last occurrence that begins at now or before.
func (r *naiveDate) latest(value string, now time.Time, zone, own *time.Location) (o naiveOccurrence, ok bool) {
	date, err := time.Parse(time.DateOnly, value)
	plain := err == nil
	if !plain {
		if date, err = time.Parse(time.RFC3339, value); err != nil {
			return o, false
		}
	}
	if r.own && own != nil {
		zone = own
	}
	wall := date
	if !plain {
		wall = clock(date, zone)
	}
	for n := 0; n == 0 || r.every != ""; n++ {
		w := later(wall, r.every, n)
		about := w.AddDate(0, 0, r.days).Add(time.Duration(r.minutes) * time.Minute)
		if about.After(now.AddDate(0, 0, 3)) {
			break
		}
		if about.Before(now.AddDate(0, 0, -40)) && r.every != "" {
			continue
		}
		x := naiveOccurrence{name: later(date.UTC(), r.every, n).Format(time.RFC3339)}
		day := w.Truncate(24*time.Hour).AddDate(0, 0, r.days)
		switch {
		case r.timed:
			x.from = firstInstant(w, zone)
			if n == 0 && !plain {
				x.from = date
			}
			x.from = x.from.Add(time.Duration(r.minutes) * time.Minute)
			day = clock(x.from, zone).Truncate(24 * time.Hour)
		case r.at >= 0:
			x.from = firstInstant(day.Add(time.Duration(r.at)*time.Minute), zone)
		default:
			x.from = firstInstant(day, zone)
		}
		if x.until = x.from.Add(r.span); r.span == 0 {
			x.until = firstInstant(day.AddDate(0, 0, 1), zone)
		}
		if !x.from.After(now) {
			o, ok = x, true
		}
	}
	return o, ok
}

func drawDates(t *rapid.T) (rules []*naiveDate, messages []beckon.Message) {
	for i := range rapid.IntRange(1, 4).Draw(t, "rules") {
		r := &naiveDate{
			id: fmt.Sprint("m", i), at: -1, sent: map[string]bool{}, asks: rapid.Bool().Draw(t, "asks"),
			channel: rapid.SampledFrom([]beckon.Channel{beckon.Email, beckon.Email, beckon.Banner}).Draw(t, "channel"),
			every:   rapid.SampledFrom([]beckon.Period{"", beckon.Yearly, beckon.Monthly, beckon.Weekly, beckon.Daily}).Draw(t, "every"),
		}
		var offset beckon.Duration
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			r.timed, r.minutes = true, rapid.SampledFrom([]int{0, -15, -90, 60, -26 * 60}).Draw(t, "minutes")
			offset = beckon.Minutes(r.minutes)
		case 1:
			r.at, r.own = rapid.SampledFrom([]int{0, 60, 150, 9 * 60, 23*60 + 30}).Draw(t, "at"), rapid.Bool().Draw(t, "own zone")
			fallthrough
		default:
			r.days = rapid.IntRange(-2, 2).Draw(t, "days")
			offset = beckon.Days(r.days)
		}
		trigger := beckon.OnDate("date", offset).Every(r.every)
		if r.at >= 0 {
			trigger = trigger.At(beckon.TimeOfDay(fmt.Sprintf("%02d:%02d", r.at/60, r.at%60)))
		}
		if r.channel == beckon.Banner {
			if r.span = rapid.SampledFrom([]time.Duration{0, time.Hour, 50 * time.Hour}).Draw(t, "for"); r.span != 0 {
				trigger = trigger.For(beckon.DurationOf(r.span))
			}
		}
		m := beckon.Message{
			ID: r.id, Channel: r.channel, Status: beckon.Live, LiveAt: noon.AddDate(-9, 0, 0), Trigger: trigger, Frequency: beckon.EachTime(),
			Schedule: &beckon.Schedule{ContactTimezone: r.own}, Content: beckon.Content{Body: "x"},
		}
		if r.asks {
			m.Audience = beckon.User("plan").Is("pro")
		}
		rules, messages = append(rules, r), append(messages, m)
	}
	return rules, messages
}

// T5 T9: dates that change, zones that change, and whatever comes when: what goes out is
// what the rulebook says.
func TestDatesModel(t *testing.T) {
	t.Parallel()
	paris, _ := time.LoadLocation("Europe/Paris")
	newYork, _ := time.LoadLocation("America/New_York")
	rapid.Check(t, func(t *rapid.T) {
		rules, messages := drawDates(t)
		zone := rapid.SampledFrom([]*time.Location{time.UTC, paris}).Draw(t, "zone")
		now := rapid.SampledFrom([]time.Time{
			time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC), time.Date(2028, 2, 27, 12, 0, 0, 0, time.UTC), time.Date(2027, 2, 26, 12, 0, 0, 0, time.UTC),
		}).Draw(t, "begin")
		engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
		if err == nil {
			err = engine.Publish(t.Context(), beckon.Program{Timezone: zone.String(), Messages: messages})
		}
		if err != nil {
			t.Fatal(err)
		}
		date, pro := "", true
		var own *time.Location
		// occasion is that something happens to the contact: what was held is forgotten
		// when another has come in its place, or its hour is over.
		occasion := func() {
			for _, r := range rules {
				if o, ok := r.latest(date, now, zone, own); !ok || o.name != r.held || now.Sub(o.from) > time.Hour {
					r.held = ""
				}
			}
		}
		judge := func(r *naiveDate, o naiveOccurrence) string {
			switch {
			case r.asks && !pro:
				return "audience"
			case r.sent[o.name]:
				return "already_sent"
			}
			r.sent[o.name] = true
			return "sent"
		}
		update := func() {
			c := beckon.Contact{UserID: "u", Timezone: "UTC", Attributes: beckon.Attributes{"date": beckon.String(date), "plan": beckon.String("free")}}
			if pro {
				c.Attributes["plan"] = beckon.String("pro")
			}
			if own != nil {
				c.Timezone = own.String()
			}
			if _, err := engine.Update(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			occasion()
		}
		own = time.UTC
		update()
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 15, 30, 60, 61, 180, 24 * 60}).Draw(t, "minutes later")) * time.Minute)
			var got, want []string
			say := func(d beckon.Delivery, err error) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, d.Message+" sent")
			}
			heldBy := func(h beckon.Held) {
				if h.Reason != beckon.ReasonSchedule { // missed by more than an hour: an occasion may have come before
					got = append(got, h.Message+" "+string(h.Reason))
				}
			}
			held := func(_ beckon.Identity, h beckon.Held) { heldBy(h) }
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0:
				date = rapid.OneOf(
					rapid.SampledFrom([]string{"1980-02-29", "2025-12-31", "2026-01-30T23:30:00Z", "none", "2027-02-28"}),
					rapid.Map(rapid.IntRange(-3*24*4, 3*24*4), func(n int) string { return now.Add(time.Duration(n) * 15 * time.Minute).Format(time.RFC3339) }),
					rapid.Map(rapid.IntRange(-3, 3), func(n int) string { return now.AddDate(0, 0, n).Format(time.DateOnly) }),
				).Draw(t, "date")
				update()
			case 1:
				pro = !pro
				update()
			case 2:
				own = rapid.SampledFrom([]*time.Location{time.UTC, newYork, paris}).Draw(t, "own zone")
				update()
			case 3:
				for _, r := range rules {
					if r.channel == beckon.Banner {
						what := "filter"
						if o, ok := r.latest(date, now, zone, own); ok && now.Before(o.until) {
							what = judge(r, o)
						}
						want = append(want, r.id+" "+what)
					}
				}
				occasion()
				res, err := engine.Visit(t.Context(), beckon.Visit{UserID: "u"})
				for _, d := range res.Deliveries {
					say(d, err)
				}
				for _, h := range res.Held() {
					heldBy(h)
				}
			case 4:
				for _, r := range rules {
					if r.channel == beckon.Email && !r.instant() {
						what := "filter"
						if o, ok := r.latest(date, now, zone, own); ok && now.Before(o.until) {
							what = judge(r, o)
						}
						want = append(want, r.id+" "+what)
					}
				}
				occasion()
				for d, err := range engine.Sweep(t.Context(), beckon.OnHeld(held)) {
					say(d, err)
				}
			default:
				for _, r := range rules {
					if o, ok := r.latest(date, now, zone, own); ok && r.channel == beckon.Email && r.instant() && now.Sub(o.from) <= time.Hour && !r.sent[o.name] && r.held != o.name {
						what := judge(r, o)
						if what != "sent" {
							r.held = o.name
						}
						want = append(want, r.id+" "+what)
					}
				}
				for d, err := range engine.Due(t.Context(), beckon.OnHeld(held)) {
					say(d, err)
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Fatalf("%s, with the date %q in %s: got %v, want %v", now.Format(time.RFC3339), date, own, got, want)
			}
		}
	})
}
