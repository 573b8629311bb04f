package conformance

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/randtest"
)

// bulkNames are operations on many contacts at once, or on what of one is kept beside its
// events.
func bulkNames() []string {
	return []string{
		"ImportMany", "Act", "Act", "Count", "Count", "SharedSweep", "SharedDue", "Unsubscribe", "Resubscribe", "SendTo", "Recount",
		"Outbox", "DeadLetters", "Replay", "Discard", "Retry", "Postpone", "Channels", "ReleaseLatest", "Topics", "RecentEvents", "ExplainSeries",
	}
}

// many imports items: mostly several batches of them, in which the same contacts come again
// and again, addresses change hands, and some are refused.
func (h *history) many() (faults []string, failed error) {
	items := func(yield func(beckon.ImportItem, error) bool) {
		for range 1 + h.random.IntN(700) {
			var it beckon.ImportItem
			var err error
			switch h.random.IntN(12) {
			case 0:
				err = beckon.ErrorList{{Code: "event_invalid", Message: "the source says so"}}
			case 1:
				c := h.contact()
				c.Companies = []beckon.Membership{{CompanyID: h.pick("c0", "full", ""), Attributes: beckon.Attributes{fmt.Sprint("x", h.random.IntN(150)): beckon.Number(1)}}}
				it.Contact = &c
			case 2, 3, 4:
				c := h.contact()
				if h.random.IntN(3) == 0 {
					c.Attributes["email"] = beckon.Value{}
				}
				it.Contact = &c
			case 5: // one that nobody else is
				who := fmt.Sprint("m", h.random.IntN(3000))
				it.Contact = &beckon.Contact{UserID: who, Email: h.pick("a1@x.test", "A1@x.test", who+"@x.test")}
			case 6:
				it.Event = &beckon.Event{Name: "bulk", UserID: fmt.Sprint("m", h.random.IntN(3000)), EventID: h.pick("once", "twice", "")}
			default:
				e := h.event()
				it.Event = &e
			}
			if !yield(it, err) {
				return
			}
		}
	}
	for f, err := range h.engine.Import(h.ctx, items) {
		if err != nil {
			return faults, err
		}
		faults = append(faults, fmt.Sprint(f.Item, f.Err))
	}
	return faults, nil
}

func (h *history) operateInBulk(name string) {
	e, ctx := h.engine, h.ctx
	if h.random.IntN(3) > 0 {
		return // what is done to one contact after another is the greater part of a history
	}
	switch name {
	case "ImportMany":
		if h.random.IntN(6) > 0 {
			break
		}
		faults, err := h.many()
		h.note(name, faults, err)
	case "Act":
		if err := randtest.Act(ctx, e, h.random, h.now); err != nil {
			h.t.Fatal(err)
		}
		h.note(name)
	case "Count":
		rule := randtest.Rule(h.random, 2)
		n, err := e.Count(ctx, rule)
		h.note(name, rule, n, err)
		var all []string
		for who, err := range e.Match(ctx, rule) {
			all = append(all, fmt.Sprint(who, err))
		}
		slices.Sort(all)
		if h.note(name, all); err == nil && n != len(all) {
			h.t.Errorf("%s: %d are counted, %d match", rule, n, len(all))
		}
	case "SharedSweep":
		if h.random.IntN(3) == 0 {
			h.run(name, e.Sweep(ctx, beckon.Shared(h.now.Truncate(time.Hour))))
		}
	case "SharedDue":
		h.run(name, e.Due(ctx, beckon.Shared(h.now.Truncate(time.Minute))))
	case "Unsubscribe":
		who, where := h.who(), h.pick("email", "push:t", "sms", "email:x", "chat")
		h.note(name, who, where, e.Unsubscribe(ctx, who, where, "test"))
	case "Resubscribe":
		for range 3 {
			who, where := h.who(), h.pick("email", "push:t", "sms", "email:x")
			h.note(name, who, where, e.Resubscribe(ctx, who, where, "test"))
		}
	case "SendTo":
		who := h.who()
		res, err := e.SendTo(ctx, who, beckon.Message{ID: h.pick("note", "note-2", "launch"), Channel: beckon.Email, Content: beckon.Content{Body: "{{ user.name }}"}})
		h.keep(res.Deliveries)
		h.note(name, who, res, err)
	case "Recount":
		who := h.who()
		h.note(name, who, e.Recount(ctx, who, beckon.EventCount{Name: h.pick("upload", "play", "recounted"), Count: uint64(h.random.IntN(9)), First: h.now.Add(-50 * time.Hour), Last: h.now.Add(-time.Hour)}))
	case "Outbox":
		var all []string
		for d, err := range e.Outbox(ctx, beckon.Channels(beckon.Email, beckon.Push)) {
			all = append(all, h.text(d)+fmt.Sprint(err))
		}
		slices.Sort(all)
		h.note(name, all)
	case "DeadLetters":
		var all []string
		for d, err := range e.DeadLetters(ctx) {
			all = append(all, h.text(d)+fmt.Sprint(err))
		}
		slices.Sort(all)
		h.note(name, all)
	case "Replay":
		d := h.delivery()
		h.note(name, d.ID, e.Replay(ctx, d))
	case "Discard":
		d := h.delivery()
		h.note(name, d.ID, e.Discard(ctx, d))
	case "Retry":
		d := h.delivery()
		h.note(name, d.ID, e.Retry(ctx, d, h.now.Add(time.Duration(h.random.IntN(90))*time.Minute)))
	case "Postpone":
		d := h.delivery()
		h.note(name, d.ID, e.Postpone(ctx, d, h.now.Add(time.Duration(h.random.IntN(90))*time.Minute)))
	case "Channels":
		h.run(name, e.Pending(ctx, beckon.Channels(beckon.SMS)))
	case "ReleaseLatest":
		who, m := h.who(), h.pick("upload", "often", "news")
		h.note(name, who, m, e.ReleaseLatest(ctx, who, m))
	case "Topics":
		who := h.who()
		list, err := e.Topics(ctx, who)
		h.note(name, who, list, err)
	case "RecentEvents":
		who := h.who()
		list, err := e.RecentEvents(ctx, who, nil, 7)
		h.note(name, who, list, err)
		if len(list) > 2 {
			list, err = e.RecentEvents(ctx, who, &list[1], 100)
			h.note(name, who, list, err)
		}
	case "ExplainSeries":
		who := h.who()
		list, err := e.ExplainSeries(ctx, who)
		h.note(name, who, list, err)
	default:
		h.t.Fatalf("there is no operation %q", name)
	}
}

func (h *history) text(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}
