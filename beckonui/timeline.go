package beckonui

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/observe"
)

// An entry is one thing that happened to a contact: an event, a send, or a decision that the
// engine has kept.
type entry struct {
	At    time.Time
	Event *beckon.PastEvent
	Send  *beckon.Sending
	Past  *observe.Past // held, or sent so long ago that the log of sends does not have it
	Why   string        // the metadata of the event, as JSON
}

// timeline fills in one page of what happened, the newest first, and the chart of it.
func (v *contactView) timeline(q *request, x *beckon.ContactExport) error {
	all := make([]entry, 0, len(x.Recent)+len(x.Log)+len(x.Decisions))
	logged := map[observe.Past]bool{}
	for i := range slices.Backward(x.Log) { // of one instant, the event that led to it came before
		s := &x.Log[i]
		all = append(all, entry{At: s.At, Send: s})
		logged[observe.Past{Message: s.Message, CompanyID: s.CompanyID, Sequence: s.Sequence}] = true
	}
	for i := range x.Decisions { // the latest first
		if d := &x.Decisions[i]; !d.Sent || !logged[observe.Past{Message: d.Message, CompanyID: d.CompanyID, Sequence: d.Sequence}] {
			all = append(all, entry{At: d.At, Past: d})
		}
	}
	for i := range x.Recent {
		all = append(all, entry{At: x.Recent[i].CreatedAt, Event: &x.Recent[i]})
	}
	slices.SortStableFunc(all, func(a, b entry) int { return b.At.Compare(a.At) })
	v.Chart = q.chartOf(all)

	from, err := pageFrom(q.args.Get("before"), all)
	if err != nil {
		return err
	}
	v.IsFirst = from == 0
	end := min(from+pageSize, len(all))
	if v.Timeline = all[from:end]; end < len(all) {
		v.Older = pageAt(all, end)
	}
	for i := range v.Timeline {
		e := &v.Timeline[i]
		if e.Event != nil && len(e.Event.Metadata) > 0 {
			text, err := json.Marshal(e.Event.Metadata)
			if err != nil {
				return err
			}
			e.Why = string(text)
		}
	}
	return nil
}

// A page begins behind an instant, in Unix milliseconds, and so many entries of it: what
// comes to the front meanwhile moves nothing.

func pageAt(all []entry, from int) string {
	last := all[from-1].At
	again := 0
	for i := from - 1; i >= 0 && all[i].At.Equal(last); i-- {
		again++
	}
	return strconv.FormatInt(last.UnixMilli(), 10) + "." + strconv.Itoa(again)
}

func pageFrom(text string, all []entry) (int, error) {
	if text == "" {
		return 0, nil
	}
	ms, again, _ := strings.Cut(text, ".")
	at, err := strconv.ParseInt(ms, 10, 64)
	n, err2 := strconv.Atoi(again)
	if err != nil || err2 != nil || n < 0 {
		return 0, refused{http.StatusBadRequest, "This page of the timeline does not exist."}
	}
	for i := range all {
		switch own := all[i].At.UnixMilli(); {
		case own < at:
			return i, nil
		case own == at:
			if n == 0 {
				return i, nil
			}
			n--
		}
	}
	return len(all), nil
}

// chartOf counts what happened by day.
func (q *request) chartOf(all []entry) *chart {
	now := q.now().In(q.zone)
	last := dayOf(now)
	counts := make([][2]int64, chartDays)
	for i := range all {
		n := chartDays - 1 - int(last-dayOf(all[i].At.In(q.zone)))
		switch {
		case n < 0 || n >= chartDays:
		case all[i].Event != nil:
			counts[n][0]++
		case all[i].Send != nil || all[i].Past.Sent:
			counts[n][1]++
		}
	}
	c := newChart("Events", "Sends", now, counts)
	c.Note = "From the events and sends that are kept of this contact."
	return c
}
