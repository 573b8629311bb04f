package benchmarks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"html"
	"html/template"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/workload"
	"github.com/expr-lang/expr/vm"
	"github.com/throttled/throttled/v2"
	throttledmemory "github.com/throttled/throttled/v2/store/memstore"
)

// assembled is the work of Track put together from libraries, as a team would
// that knows them: encoding/json for the event, an index by event name, expr
// for audiences, throttled for distances, html/template for the text. What
// costs most in a first version is gone: everything is compiled once, and each
// contact has a machine of its own.
//
// A contact is a struct of the application, and what expr is to look at is made
// of it for each event. Tuned, it is kept in that form as well, which every
// place that changes a contact has to know. Like Track it knows repeats and
// keeps the newest thousand events.
type assembled struct {
	tuned  bool
	live   map[string][]*assembledMessage
	seed   maphash.Seed
	shards [64]struct {
		mu       sync.Mutex
		contacts map[string]*assembledContact
	}
	now       func() time.Time
	sent      []assembledDelivery // of the last event; one goroutine tracks
	held      []assembledHeld
	duplicate bool
}

type assembledMessage struct {
	id, subject string
	audience    *vm.Program
	distance    *throttled.GCRARateLimiterCtx // nil: none
	body        *template.Template
}

type assembledContact struct {
	mu      sync.Mutex
	person  *person
	env     map[string]any
	events  map[string]*stat
	machine vm.VM
	sends   map[string]int
	seen    map[seenEvent]struct{} // repeats are known by it
	log     []loggedEvent          // a ring once it is full
	next    int
}

// A seenEvent is an id, or the name and the second if the event has none.
type seenEvent struct {
	id string
	at int64
}

type loggedEvent struct {
	seen     seenEvent
	name     string
	at       int64
	metadata map[string]any
}

// assembledLog is how many events a contact keeps.
const assembledLog = 1000

type assembledDelivery struct{ id, message, user, subject, body string }

type assembledHeld struct{ message, reason string }

// An assembledEvent is a posted event, decoded.
type assembledEvent struct {
	Name      string         `json:"event_name"`
	UserID    string         `json:"user_id"`
	EventID   string         `json:"event_id"`
	CreatedAt int64          `json:"created_at"`
	Metadata  map[string]any `json:"metadata"`
}

func (e *assembledEvent) decode(body []byte) error {
	if err := json.Unmarshal(body, e); err != nil {
		return fmt.Errorf("decode an Event: %w", err)
	}
	if e.Name == "" || e.UserID == "" {
		return errors.New("an event needs a name and a user")
	}
	return nil
}

func newAssembled(tb testing.TB, sends, tuned bool) *assembled {
	tb.Helper()
	a := &assembled{tuned: tuned, now: (&clock{at: start}).now, live: map[string][]*assembledMessage{}, seed: maphash.MakeSeed()}
	p := matchPerson()
	env := environment(p)
	text := strings.NewReplacer(`{{ name | fallback: "there" }}`, "{{ if .Name }}{{ .Name }}{{ else }}there{{ end }}", "{{ event.file_name }}", "{{ .FileName }}",
		"{{ event.size }}", "{{ .Size }}", "{{ plan }}", "{{ .Plan }}", "{{ team }}", "{{ .Company }}").Replace(trackContent)
	memory, err := throttledmemory.NewCtx(0)
	check(tb, err)
	for i := range trackLive {
		m := &assembledMessage{
			id: fmt.Sprintf("m%05d", i), subject: "Upload",
			audience: compileExpr(tb, exprOf(trackCondition(i, sends), ""), env), body: template.Must(template.New("").Parse(text)),
		}
		if trackFate(i, sends) == throttled_ {
			m.distance, err = throttled.NewGCRARateLimiterCtx(memory, throttled.RateQuota{MaxRate: throttled.PerDuration(1, 365*24*time.Hour)})
			check(tb, err)
		}
		a.live[matchName(i)] = append(a.live[matchName(i)], m)
	}
	c := &assembledContact{person: p, env: env, events: map[string]*stat{}, sends: map[string]int{}, seen: map[seenEvent]struct{}{}}
	for i := range a.shards {
		a.shards[i].contacts = map[string]*assembledContact{}
	}
	a.shards[maphash.String(a.seed, "u1")%64].contacts["u1"] = c
	return a
}

func (a *assembled) contact(user string) *assembledContact {
	s := &a.shards[maphash.String(a.seed, user)%64]
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.contacts[user]
}

func (a *assembled) track(ctx context.Context, e *assembledEvent) error {
	name := strings.ToLower(strings.TrimSpace(e.Name))
	c := a.contact(e.UserID)
	if c == nil {
		return errors.New("nobody has this name")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at := e.CreatedAt
	if at == 0 {
		at = a.now().Unix()
	}
	a.sent, a.held = nil, a.held[:0]
	if a.duplicate = !c.record(name, at, e); a.duplicate {
		return nil
	}
	env := c.env
	if !a.tuned {
		env = environment(c.person)
	}
	for _, m := range a.live[name] {
		out, err := c.machine.Run(m.audience, env)
		if err != nil {
			return fmt.Errorf("message %s: audience: %w", m.id, err)
		}
		if ok, _ := out.(bool); !ok {
			a.held = append(a.held, assembledHeld{m.id, "audience"})
			continue
		}
		if m.distance != nil {
			limited, _, err := m.distance.RateLimitCtx(ctx, m.id+"/"+e.UserID, 1)
			if err != nil {
				return fmt.Errorf("message %s: distance: %w", m.id, err)
			}
			if limited {
				a.held = append(a.held, assembledHeld{m.id, "throttled"})
				continue
			}
		}
		d, err := c.deliver(m, e)
		if err != nil {
			return err
		}
		a.sent = append(a.sent, d)
	}
	s := c.events[name]
	if s == nil {
		s = &stat{first: at}
		c.events[name] = s
	}
	s.count++
	s.last = at
	return nil
}

// record puts the event into the log, unless it is there already.
func (c *assembledContact) record(name string, at int64, e *assembledEvent) bool {
	seen := seenEvent{e.EventID, 0}
	if e.EventID == "" {
		seen = seenEvent{name, at}
	}
	if _, ok := c.seen[seen]; ok {
		return false
	}
	entry := loggedEvent{seen, name, at, e.Metadata}
	if len(c.log) < assembledLog {
		c.log = append(c.log, entry)
	} else {
		delete(c.seen, c.log[c.next].seen)
		c.log[c.next] = entry
		c.next = (c.next + 1) % assembledLog
	}
	c.seen[seen] = struct{}{}
	return true
}

func (c *assembledContact) deliver(m *assembledMessage, e *assembledEvent) (assembledDelivery, error) {
	text := func(values map[string]any, name string) string {
		s, _ := values[name].(string)
		return s
	}
	values := renderValues{"", text(e.Metadata, "file_name"), text(e.Metadata, "size"), c.person.Texts[workload.Plan], c.person.Texts[workload.Team]}
	var body strings.Builder
	if err := m.body.Execute(&body, &values); err != nil {
		return assembledDelivery{}, fmt.Errorf("message %s: %w", m.id, err)
	}
	c.sends[m.id]++
	return assembledDelivery{fmt.Sprintf("%s/%s/%d", m.id, e.UserID, c.sends[m.id]), m.id, e.UserID, m.subject, body.String()}, nil
}

func (a *assembled) answer() tracked { return answerOf(a.sent, a.held) }

func answerOf(sent []assembledDelivery, held []assembledHeld) (t tracked) {
	for _, d := range sent {
		t.sent += d.message + ": " + d.subject + ": " + html.UnescapeString(d.body)
	}
	for _, h := range held {
		t.held += fmt.Sprintln(h.message, h.reason)
	}
	return t
}

// byHand is the limit of Track: the same written out for this one program, with
// nothing that a library would have to ask, without a log and without repeats.
type byHand struct {
	live   map[string][]handMessage
	seed   maphash.Seed
	shards [64]struct {
		mu       sync.Mutex
		contacts map[string]*handContact
	}
	parts []string
	sent  []assembledDelivery // of the last event
	held  []assembledHeld
}

type handMessage struct {
	id       string
	number   int
	event    int // that is counted, and how often it has to be
	count    int64
	distance int64
}

type handContact struct {
	person
	did   map[string]*stat
	sends [trackLive]struct{ count, last int64 }
}

func newByHand(sends bool) *byHand {
	h := &byHand{live: map[string][]handMessage{}, seed: maphash.MakeSeed()}
	for i := range trackLive {
		c := trackCondition(i, sends)
		m := handMessage{id: fmt.Sprintf("m%05d", i), number: i, event: c.Parts[2].Event, count: c.Parts[2].Number}
		if trackFate(i, sends) == throttled_ {
			m.distance = 365 * 86400
		}
		h.live[matchName(i)] = append(h.live[matchName(i)], m)
	}
	for i := range h.shards {
		h.shards[i].contacts = map[string]*handContact{}
	}
	h.shards[maphash.String(h.seed, "u1")%64].contacts["u1"] = &handContact{person: *matchPerson(), did: map[string]*stat{}}
	h.parts = strings.Split(strings.NewReplacer(`{{ name | fallback: "there" }}`, "\x00", "{{ event.file_name }}", "\x00",
		"{{ event.size }}", "\x00", "{{ plan }}", "\x00", "{{ team }}", "\x00").Replace(trackContent), "\x00")
	return h
}

func (h *byHand) track(e *handEvent) {
	s := &h.shards[maphash.String(h.seed, e.user)%64]
	s.mu.Lock()
	defer s.mu.Unlock()
	c, now := s.contacts[e.user], start.Unix()
	h.sent, h.held = h.sent[:0], h.held[:0]
	for i := range h.live[e.name] {
		m := &h.live[e.name][i]
		if c.Texts[workload.Plan] != "pro" && c.Texts[workload.Plan] != "team" || c.Numbers[workload.Score] <= 0 || c.Events[m.event].Count < m.count {
			h.held = append(h.held, assembledHeld{m.id, "audience"})
			continue
		}
		send := &c.sends[m.number]
		if send.count > 0 && now-send.last < m.distance {
			h.held = append(h.held, assembledHeld{m.id, "throttled"})
			continue
		}
		send.count, send.last = send.count+1, now
		h.sent = append(h.sent, assembledDelivery{"", m.id, e.user, "Upload", h.render(c, e)})
	}
	did := c.did[e.name]
	if did == nil {
		did = &stat{first: now}
		c.did[e.name] = did
	}
	did.count, did.last = did.count+1, now
}

func (h *byHand) render(c *handContact, e *handEvent) string {
	var out strings.Builder
	out.Grow(896)
	for i, value := range [...]string{"there", e.metadata[0].text, e.metadata[1].text, c.Texts[workload.Plan], c.Texts[workload.Team]} {
		out.WriteString(h.parts[i])
		writeEscaped(&out, value)
	}
	out.WriteString(h.parts[5])
	return out.String()
}

func (h *byHand) answer() tracked { return answerOf(h.sent, h.held) }
