package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
)

// operationNames are the operations of a history; what is more frequent stands
// there more often.
func operationNames() []string {
	return strings.Fields(`
		Track Track Track Track Track Track Track Track Track Track Track Track
		Import Visit Visit Check Update Update Due Due Sweep Send Pending
		Acknowledge Acknowledge Release GiveUp Merge Delete Publish Pause Resume Stop Archive Unarchive
		Take Match Export Explain Totals Catalogue Refresh ` + strings.Join(bulkNames(), " "))
}

// who returns one of the identities: users, a lead, emails, visitors; hostile ones
// too.
func (h *history) who() beckon.Identity {
	n := h.random.IntN(12)
	switch h.random.IntN(8) {
	case 0:
		return beckon.Identity{ID: fmt.Sprint("i", n%3)}
	case 1:
		return beckon.Identity{Email: fmt.Sprintf("a%d@x.test", n%5)}
	case 2, 3:
		return beckon.Identity{AnonymousID: fmt.Sprint("v", n%6)}
	case 4:
		return beckon.Identity{UserID: []string{"a:b", "a", "A", "é\x00", "'; DROP", "a%"}[n%6]}
	}
	return beckon.Identity{UserID: fmt.Sprint("u", n)}
}

func (h *history) pick(names ...string) string { return names[h.random.IntN(len(names))] }

func (h *history) event() beckon.Event {
	who := h.who()
	e := beckon.Event{
		Name: h.pick("upload", "upload", "play", "play", "play", "cart", "pay", "Upload ", "other"), UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID,
		Metadata: beckon.Fields{
			{Key: "size", Value: beckon.Number(h.random.IntN(9))}, {Key: "item", Value: beckon.String(h.pick("a", "b", "ü\u2028"))},
		},
	}
	if h.random.IntN(3) == 0 {
		e.EventID = fmt.Sprint("e", h.random.IntN(300))
	}
	if h.random.IntN(6) == 0 {
		e.CompanyID = fmt.Sprint("c", h.random.IntN(4))
	}
	if h.random.IntN(4) == 0 {
		e.CreatedAt = h.now.Add(-time.Duration(h.random.IntN(50)) * time.Hour).Truncate(time.Second)
	}
	if h.random.IntN(5) == 0 {
		e.Source = beckon.SourceREST
	}
	if h.random.IntN(5) == 0 {
		e.Page = &beckon.Page{URL: "https://x.test/" + h.pick("a", "b?c=1")}
	}
	return e
}

func (h *history) contact() beckon.Contact {
	who := h.who()
	c := beckon.Contact{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID, Attributes: beckon.Attributes{}}
	set := func(name string, v beckon.Value) {
		if h.random.IntN(2) == 0 {
			c.Attributes[name] = v
		}
	}
	set("plan", beckon.String(h.pick("pro", "free")))
	set("name", beckon.String(h.pick("Ann", "Bob", "<b>")))
	set("email", beckon.String(fmt.Sprintf("a%d@x.test", h.random.IntN(5))))
	set("trial_ends_at", beckon.Date(h.now.Add(time.Duration(h.random.IntN(8))*24*time.Hour)))
	set("score", beckon.Number(h.random.IntN(100)))
	set("plan", beckon.Value{})
	if h.random.IntN(4) == 0 {
		n := h.random.IntN(4)
		c.Companies = []beckon.Membership{{CompanyID: fmt.Sprint("c", n), Name: fmt.Sprint("Co ", n), Attributes: beckon.Attributes{"size": beckon.Number(h.random.IntN(9))}}}
	}
	if h.random.IntN(10) == 0 {
		c.Unsubscribed = [][]string{{}, {"email"}, {"push:t"}}[h.random.IntN(3)]
	}
	return c
}

// delivery returns one of the latest.
func (h *history) delivery() beckon.Delivery {
	if len(h.recent) == 0 {
		return beckon.Delivery{ID: "none", Contact: h.who()}
	}
	d := h.recent[h.random.IntN(len(h.recent))]
	if h.random.IntN(3) == 0 {
		d.Attempt = 0
	}
	return d
}

func (h *history) operate(name string) {
	e, ctx := h.engine, h.ctx
	message := func() string { return h.pick("upload", "often", "cart", "news", "launch") }
	switch name {
	case "Track", "Import":
		event := h.event()
		event.Import = name == "Import"
		res, err := e.Track(ctx, event)
		h.keep(res.Deliveries)
		h.note(name, event, res, err)
	case "Visit":
		who := h.who()
		res, err := e.Visit(ctx, beckon.Visit{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID, Page: &beckon.Page{URL: "https://x.test/p"}})
		h.keep(res.Deliveries)
		h.note(name, who, res, err)
	case "Check":
		who := h.who()
		res, err := e.Check(ctx, who)
		h.keep(res.Deliveries)
		h.note(name, who, res, err)
	case "Update":
		c := h.contact()
		res, err := e.Update(ctx, c)
		h.keep(res.Deliveries)
		h.note(name, c, res, err)
	case "Due":
		h.run(name, e.Due(ctx))
	case "Sweep":
		if h.random.IntN(3) == 0 {
			h.run(name, e.Sweep(ctx))
		}
	case "Send":
		opts := [][]beckon.RunOption{nil, {beckon.Sample(3)}, {beckon.Only(h.who())}}[h.random.IntN(3)]
		h.run(name, e.Send(ctx, h.pick("launch", "launch", "launch-2"), opts...))
	case "Pending":
		if h.random.IntN(4) == 0 {
			h.run(name, e.Pending(ctx))
		}
	case "Acknowledge":
		d := h.delivery()
		h.note(name, d.ID, e.Acknowledge(ctx, d))
	case "Release":
		d := h.delivery()
		h.note(name, d.ID, e.Release(ctx, d))
	case "GiveUp":
		d := h.delivery()
		h.note(name, d.ID, e.GiveUp(ctx, d))
	case "Merge":
		if h.random.IntN(3) > 0 {
			break
		}
		from, into := h.who(), h.who()
		res, err := e.Merge(ctx, from, into)
		h.keep(res.Deliveries)
		h.note(name, from, into, res, err)
	case "Delete":
		if h.random.IntN(2) > 0 {
			break
		}
		who := h.who()
		h.note(name, who, e.Delete(ctx, who))
	case "Publish":
		if h.random.IntN(3) == 0 {
			i := h.random.IntN(3)
			h.note(name, i, e.Publish(ctx, programs()[i]))
		}
	case "Pause":
		h.note(name, e.Pause(ctx, message()))
	case "Resume":
		for _, m := range []string{"upload", "often", "cart", "news", "launch"} { // most of the time all run
			h.note(name, m, e.Resume(ctx, m))
		}
	case "Stop":
		if h.random.IntN(20) == 0 {
			h.note(name, e.Stop(ctx, h.pick("company", "third")))
		}
	case "Archive":
		h.note(name, e.Archive(ctx, h.pick("play", "other")))
	case "Unarchive":
		h.note(name, e.Unarchive(ctx, "play"), e.Unarchive(ctx, "other"))
	case "Take":
		p, err := h.throttle.Take(ctx, h.pick("k", "K", "k:1"))
		h.note(name, p.Allowed, p.Reason, p.Remaining, p.Sequence, p.RetryAt.UTC(), err)
	case "Match":
		var all []string
		for who, err := range e.Match(ctx, beckon.Any(beckon.User("plan").Is("pro"), beckon.Did("upload").AtLeast(4))) {
			all = append(all, fmt.Sprint(who, err))
		}
		slices.Sort(all)
		h.note(name, all)
	case "Export":
		who := h.who()
		x, known, err := e.Export(ctx, who)
		h.note(name, who, x, known, err)
	case "Explain":
		event := h.event()
		x, err := e.Explain(ctx, event)
		h.note(name, event, x, err)
	case "Totals":
		m := message()
		x, err := e.Totals(ctx, m)
		h.note(name, m, x, err)
	case "Catalogue":
		x, err := e.Catalogue(ctx)
		h.note(name, x, err)
	case "Refresh":
		h.note(name, e.Refresh(ctx))
	default:
		h.operateInBulk(name)
	}
}
