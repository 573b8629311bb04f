package beckon_test

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
)

// The model of series: a contact is the list of all that it ever did, a rule is
// asked anew each time, and what an occasion finds to have come before it is
// looked at second by second.

// A walkRule is a rule of the model and of the program. Those with a span change
// by time alone.
type walkRule struct {
	kind string // any, attribute, count, window, less, more, soon, later
	name string // of an attribute or an event
	n    int
	span int64 // seconds
	not  bool
	of   []walkRule // of any
}

func (r walkRule) rule() beckon.Rule {
	span := beckon.Seconds(int(r.span))
	var out beckon.Rule
	switch r.kind {
	case "any":
		var list []beckon.Rule
		for _, x := range r.of {
			list = append(list, x.rule())
		}
		out = beckon.Any(list...)
	case "attribute":
		out = beckon.User(r.name).Is(fmt.Sprint(r.n))
	case "count":
		out = beckon.Did(r.name).AtLeast(r.n)
	case "window":
		out = beckon.Did(r.name).Within(span).AtLeast(r.n)
	case "since":
		out = beckon.Did(r.name).SinceEntry().AtLeast(r.n)
	case "less":
		out = beckon.Did(r.name).Last().LessThanAgo(span)
	case "more":
		out = beckon.Did(r.name).Last().MoreThanAgo(span)
	case "soon":
		out = beckon.User("ends").LessThanAhead(span)
	case "later":
		out = beckon.User("ends").MoreThanAhead(span)
	}
	if r.not {
		out = beckon.Not(out)
	}
	return out
}

type walkEvent struct {
	name string
	at   int64
}

// A walkState is what rules see.
type walkState struct {
	events     []walkEvent
	attributes map[string]string
	ends       int64 // an attribute; 0: unknown
	entered    int64 // the walk whose rule is asked
}

func (s walkState) clone() walkState {
	return walkState{slices.Clone(s.events), maps.Clone(s.attributes), s.ends, s.entered}
}

func (r walkRule) holds(s walkState, now int64) bool {
	n, last := 0, int64(-1)
	for _, e := range s.events {
		if e.name == r.name && (r.kind != "window" || e.at > now-r.span) && (r.kind != "since" || e.at >= s.entered) {
			n++
			last = max(last, e.at)
		}
	}
	ok := false
	switch r.kind {
	case "any":
		ok = slices.ContainsFunc(r.of, func(x walkRule) bool { return x.holds(s, now) })
	case "attribute":
		ok = s.attributes[r.name] == fmt.Sprint(r.n)
	case "count", "window", "since":
		ok = n >= r.n
	case "less":
		ok = n > 0 && now-r.span < last && last <= now
	case "more":
		ok = n > 0 && last < now-r.span
	case "soon":
		ok = s.ends != 0 && now <= s.ends && s.ends < now+r.span
	case "later":
		ok = s.ends != 0 && s.ends > now+r.span
	}
	return ok != r.not
}

type walkBlock struct {
	kind          string // wait, until, rule, message, set
	span          int64  // of a wait, or of a rule; 0: none; the minute after noon that is waited for
	rule          walkRule
	next, yes, no int  // -1: the end
	quiet, news   bool // of a message: quiet hours concern it, it is about the topic
}

type walkSeries struct {
	id       string
	trigger  bool
	audience *walkRule
	exit     *walkRule
	reenter  bool
	apart    int64 // seconds between entries
	most     int   // entries; 0: any number
	blocks   []walkBlock
}

type walkPlace struct {
	entered int64 // the latest entry
	entries int
	exits   int // by the exit rule
	block   int // -1: over
	since   int64
	seen    int64 // up to this second the block's rule was looked at
	fresh   bool  // the block was reached in the occasion under way
	due     int64 // until then a message waits; 0: it does not
}

type walkPerson struct {
	now     walkState
	walks   map[string]walkPlace
	matched map[string]bool
	news    string // what it has chosen: yes or no
	merged  bool   // and no occasion has come since
}

func newWalkPerson() *walkPerson {
	return &walkPerson{now: walkState{attributes: map[string]string{}}, walks: map[string]walkPlace{}, matched: map[string]bool{}}
}

// In the second minute after noon it is quiet.
const quietFrom, quietTo = (12*60 + 1) * 60, (12*60 + 2) * 60

// occasion carries walks on after before has become p.now; it returns the messages
// sent. What fell due before it comes first. eve is a merge that is about to be made.
func (p *walkPerson) occasion(list []walkSeries, before walkState, now int64, event string, eve bool) (sent []string) {
	defer func() { p.merged = p.merged && eve }()
	for _, s := range list {
		place, walked := p.walks[s.id]
		if walked && place.block >= 0 {
			sent = append(sent, p.advance(s, &place, before.clone(), now, true, eve)...)
			place.fresh = false
			p.walks[s.id] = place
		}
		if eve {
			continue
		}
		active := walked && place.block >= 0
		begins := false
		switch {
		case s.trigger:
			begins = event == "go" && (s.audience == nil || s.audience.holds(before, now))
		default:
			matches := s.audience.holds(p.now, now)
			begins = matches && !p.matched[s.id]
			p.matched[s.id] = matches
		}
		enters := begins && !active &&
			(!walked || s.reenter && now >= place.entered+s.apart && (s.most == 0 || place.entries < s.most))
		if !active && !enters {
			continue
		}
		if p.now.entered = now; active {
			p.now.entered = place.entered
		}
		if s.exit != nil && s.exit.holds(p.now, now) {
			if active {
				place.leave()
				p.walks[s.id] = place
			}
			continue
		}
		if enters {
			place = walkPlace{since: now, fresh: true, entered: now, entries: place.entries + 1, exits: place.exits}
		}
		sent = append(sent, p.advance(s, &place, before.clone(), now, false, false)...)
		place.fresh = false
		p.walks[s.id] = place
	}
	return sent
}

// leave ends a walk by the exit rule.
func (w *walkPlace) leave() { w.block, w.exits = -1, w.exits+1 }

// advance takes a walk on: by what fell due before the occasion (past), or by what is
// so now.
func (p *walkPerson) advance(s walkSeries, w *walkPlace, before walkState, now int64, past, eve bool) (sent []string) {
	before.entered, p.now.entered = w.entered, w.entered
	judged := int64(0) // as of then the exit rule was asked
	leaves := func(at int64) bool {
		ask := past && s.exit != nil && at > judged
		judged = max(judged, at)
		if ask && s.exit.holds(before, at) {
			w.exits++
			return true
		}
		return false
	}
	for w.block >= 0 {
		b := s.blocks[w.block]
		next, since := b.next, w.since
		switch b.kind {
		case "wait":
			if now < w.since+b.span {
				return sent
			}
			if since = w.since + b.span; leaves(since) {
				next = -1
			}
		case "until":
			at := w.since
			for clock := time.Unix(at, 0).UTC(); clock.Hour() != 12 || clock.Minute() != int(b.span) || clock.Second() != 0; at++ {
				clock = time.Unix(at+1, 0).UTC()
			}
			if now < at {
				return sent
			}
			if since = at; leaves(since) {
				next = -1
			}
		case "message":
			if w.due > now {
				return sent
			}
			if w.due > w.since && !p.merged && leaves(w.due) {
				next = -1
				break
			}
			if eve {
				w.due = max(w.due, w.since)
				return sent
			}
			switch of := now % 86400; {
			case b.quiet && of >= quietFrom && of < quietTo: // S4: the walk waits
				w.due = now - of + quietTo
				return sent
			case b.news && p.news == "no": // C6: it goes on without
			default:
				sent = append(sent, fmt.Sprintf("%s-%d", s.id, w.block))
			}
			since, judged = now, now
		case "set":
			p.now.attributes["set-"+s.id] = "1"
			before.attributes["set-"+s.id] = "1"
		case "rule":
			yes, over := false, false
			from := w.seen + 1
			if w.fresh {
				from = w.since
			}
			for t := from; past && t < now && !over && (b.span == 0 || t < w.since+b.span); t++ {
				if yes = b.rule.holds(before, t); yes {
					over, since = true, t
				}
			}
			switch {
			case over:
			case past && b.span != 0 && w.since+b.span <= now:
				over, since = true, w.since+b.span
				yes = b.rule.holds(before, since)
			case past && !eve:
				yes = w.fresh && b.rule.holds(before, now)
				over, since = yes, now
			case !past && b.rule.holds(p.now, now):
				over, yes, since = true, true, now
			}
			if !over {
				w.seen = now
				if eve {
					w.seen = now - 1 // that this second has something to say is for the occasion to see
				}
				return sent
			}
			if next = b.no; yes {
				next = b.yes
			}
			if leaves(since) {
				next = -1
			}
		}
		w.block, w.since, w.fresh, w.due = next, since, true, 0
	}
	return sent
}

func drawWalkRule(t *rapid.T, series string, timed bool) walkRule {
	kinds := []string{"attribute", "count"}
	if timed {
		kinds = append(kinds, "since", "window", "less", "more", "soon", "later", "any", "attribute")
	}
	r := walkRule{
		kind: rapid.SampledFrom(kinds).Draw(t, "kind"), n: rapid.IntRange(1, 2).Draw(t, "n"), not: rapid.IntRange(0, 3).Draw(t, "not") == 0,
		span: int64(rapid.IntRange(1, 12).Draw(t, "span")), name: rapid.SampledFrom([]string{"go", "e"}).Draw(t, "event"),
	}
	switch r.kind {
	case "attribute":
		r.name = "a"
		if timed && rapid.Bool().Draw(t, "its own") {
			r.name, r.n = "set-"+series, 1
		}
	case "any":
		r.of = []walkRule{drawWalkRule(t, series, false), {kind: "less", name: "e", span: r.span}}
	}
	return r
}

func drawWalkSeries(t *rapid.T, id string) (walkSeries, beckon.Series) {
	s := walkSeries{id: id, trigger: rapid.Bool().Draw(t, "trigger"), reenter: rapid.Bool().Draw(t, "reenter")}
	out := beckon.Series{ID: id, Status: beckon.Live, Reenter: s.reenter}
	if s.reenter && rapid.Bool().Draw(t, "limited") {
		s.apart, s.most = int64(rapid.IntRange(0, 20).Draw(t, "apart")), rapid.IntRange(0, 3).Draw(t, "most")
		out.ReenterAfter, out.MaxEntries = beckon.Seconds(int(s.apart)), s.most
	}
	if s.trigger {
		out.Entry.Trigger = beckon.On("go")
	}
	// Entry and exit do not change by time alone: Due need not look for that, and
	// what it looks at beyond that is its own affair.
	if !s.trigger || rapid.Bool().Draw(t, "audience") {
		r := drawWalkRule(t, id, false)
		s.audience, out.Entry.Audience = &r, r.rule()
	}
	if rapid.IntRange(0, 3).Draw(t, "exits") == 0 {
		r := rapid.SampledFrom([]walkRule{
			{kind: "attribute", name: "a", n: 2}, {kind: "attribute", name: "set-" + id, n: 1}, {kind: "count", name: "e", n: 2}, {kind: "since", name: "e", n: 1},
		}).Draw(t, "exit")
		s.exit, out.Exit = &r, r.rule()
	}
	n := rapid.IntRange(1, 6).Draw(t, "blocks")
	name := func(i int) string {
		if i < 0 {
			return ""
		}
		return fmt.Sprint("b", i)
	}
	for i := range n {
		next := i + 1
		if next == n {
			next = -1
		}
		b := walkBlock{kind: rapid.SampledFrom([]string{"wait", "until", "rule", "rule", "message", "set"}).Draw(t, "block"), next: next, yes: next, no: -1}
		block := beckon.Block{ID: name(i)}
		switch b.kind {
		case "wait":
			b.span = int64(rapid.IntRange(1, 10).Draw(t, "wait"))
			block.Wait, block.Next = beckon.Seconds(int(b.span)), name(next)
		case "until":
			b.span = int64(rapid.IntRange(0, 3).Draw(t, "minute"))
			block.WaitUntil, block.Next = &beckon.WaitUntil{At: beckon.TimeOfDay(fmt.Sprintf("12:%02d", b.span))}, name(next)
		case "rule":
			b.rule = drawWalkRule(t, id, true)
			rule := b.rule.rule()
			block.Rule, block.Yes = &rule, name(next)
			if rapid.IntRange(0, 3).Draw(t, "timed") > 0 {
				b.span = int64(rapid.IntRange(1, 10).Draw(t, "within"))
				block.Within = beckon.Seconds(int(b.span))
				b.no = rapid.IntRange(-1, n-1).Draw(t, "no") // also back: its time passes first
				block.No = name(b.no)
			}
		case "message":
			block.Message, block.Next = &beckon.Message{ID: fmt.Sprintf("%s-%d", id, i), Content: beckon.Content{Body: "x"}}, name(next)
			if b.quiet = rapid.IntRange(0, 2).Draw(t, "quiet") == 0; b.quiet {
				block.Message.Channel = beckon.Push
			}
			if b.news = rapid.IntRange(0, 2).Draw(t, "news") == 0; b.news {
				block.Message.Topic = "news"
			}
		case "set":
			block.Update, block.Next = &beckon.Update{Attributes: beckon.Attributes{"set-" + id: beckon.String("1")}}, name(next)
		}
		s.blocks = append(s.blocks, b)
		out.Blocks = append(out.Blocks, block)
	}
	return s, out
}

// merge joins p into another; then is called with the contact that they are.
func (p *walkPerson) merge(into *walkPerson, list []walkSeries, now int64, then func(*walkPerson)) {
	for _, half := range []*walkPerson{p, into} {
		half.occasion(list, half.now.clone(), now, "", true)
	}
	joined := newWalkPerson()
	for _, half := range []*walkPerson{p, into} { // the later wins
		joined.now.events = append(joined.now.events, half.now.events...)
		maps.Copy(joined.now.attributes, half.now.attributes)
		if half.now.ends != 0 {
			joined.now.ends = half.now.ends
		}
		for id, w := range half.walks {
			if other, both := joined.walks[id]; both {
				w.entries, w.exits = w.entries+other.entries, w.exits+other.exits
				if w.block < 0 {
					w.entered = max(w.entered, other.entered)
				}
			}
			joined.walks[id] = w
		}
		for s, matched := range half.matched {
			joined.matched[s] = joined.matched[s] || matched
		}
		if joined.news != "no" && half.news != "" {
			joined.news = half.news
		}
	}
	joined.merged = true
	then(joined)
}
