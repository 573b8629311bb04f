package decide

import (
	"math"
	"strconv"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// The attributes that count visits (D15). Only visits, merges and imports set them.
const (
	FirstSeenAt  = "first_seen_at"
	SessionCount = "session_count"
)

// A visits is what is known of a contact's visits: when the first was, in Unix
// seconds, and in how many sessions they came; count 0: there was none.
type visits struct{ first, count int64 }

// visitsOf reads them. A contact that was seen before sessions were counted has had
// one, since then.
func visitsOf(rec *store.Record) (v visits) {
	seen := rec.LastSeen != 0
	if rec.Profile == nil && !seen {
		return v
	}
	first, counted := rec.Profile.Attribute(FirstSeenAt), rec.Profile.Attribute(SessionCount)
	v.count, _ = strconv.ParseInt(counted.Text(), 10, 64)
	if seen {
		v.first, v.count = calendar.FloorSeconds(rec.LastSeen), max(v.count, 1)
	}
	if !first.IsUnknown() {
		v.first = peek.Of(&first).Num
	}
	return v
}

// write sets them in a profile, which must be a copy.
func (v visits) write(p *store.Profile) {
	SetAttribute(p, FirstSeenAt, peek.Value(repr.NewDate(v.first)))
	SetAttribute(p, SessionCount, value.Number(v.count))
}

// session counts a visit: one more than so long after the last begins a session.
func (d *Decision) session() {
	last := d.Record.LastSeen
	if last != 0 && d.In.Now-last <= d.In.Limits.SessionGap {
		return
	}
	v := visitsOf(d.Record)
	if v.count == 0 || last == 0 && d.Record.Profile.Attribute(FirstSeenAt).IsUnknown() {
		v.first = calendar.FloorSeconds(d.In.Now)
	}
	v.count = min(v.count, math.MaxInt64-1) + 1
	v.write(d.profile())
}

// joined is what is known of the visits of two contacts that become one.
func (v visits) joined(o visits) visits {
	switch {
	case v.count == 0:
		return o
	case o.count == 0:
		return v
	}
	return visits{min(v.first, o.first), min(v.count, math.MaxInt64-o.count) + o.count}
}
