package conformance

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

var sweepContacts = flag.Int("sweep.contacts", 10_000, "how `many` contacts the processes of TestSharedSweepOutlivesCrashes sweep")

// acknowledgeAt is how many deliveries a process acknowledges at once.
const acknowledgeAt = 256

// newsProgram has one message, which a sweep sends once to each contact.
func newsProgram() beckon.Program {
	return beckon.Program{Messages: []beckon.Message{{
		ID: "news", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon().Add(-time.Hour),
		Audience: beckon.User("plan").Is("pro"), Content: beckon.Content{Subject: "News", Body: "Hello"},
	}}}
}

// sweepEngine returns an engine with an outbox, whose clock says what now says.
func sweepEngine(kept beckon.Store, now func() time.Time) (*beckon.Engine, error) {
	engine, err := beckon.New(kept, beckon.WithOutbox(), beckon.WithClock(now))
	if err != nil {
		return nil, err
	}
	return engine, engine.Publish(context.Background(), newsProgram())
}

// sweep sweeps a pass that processes share, and says "sent" for each delivery, and "done"
// when that is acknowledged. Then it says "over", and is told to end, or what time it is,
// to sweep again.
func (t task) sweep(ctx context.Context, kept beckon.Store, told <-chan string, say func(...string)) error {
	now := t.Now
	engine, err := sweepEngine(kept, func() time.Time { return time.UnixMilli(now) })
	if err != nil {
		return err
	}
	for {
		if err := sweepOnce(ctx, engine, time.UnixMilli(t.Sweep), say); err != nil {
			return err
		}
		say("over")
		word := <-told
		if word == "end" {
			return nil
		}
		if now, err = strconv.ParseInt(word, 10, 64); err != nil {
			return err
		}
	}
}

func sweepOnce(ctx context.Context, engine *beckon.Engine, pass time.Time, say func(...string)) error {
	var batch []beckon.Delivery
	acknowledge := func() error {
		if err := engine.Acknowledge(ctx, batch...); err != nil {
			return err
		}
		for _, d := range batch {
			say("done", d.Contact.UserID, d.ID)
		}
		batch = batch[:0]
		return nil
	}
	for d, err := range engine.Sweep(ctx, beckon.Shared(pass)) {
		if err != nil {
			return err
		}
		say("sent", d.Contact.UserID, d.ID)
		if batch = append(batch, d); len(batch) == acknowledgeAt {
			if err := acknowledge(); err != nil {
				return err
			}
		}
	}
	return acknowledge()
}

// A handed delivery is what is known of the one that a contact got.
type handed struct {
	id         string
	sent, done int // how often processes said so
	pending    int // how often it was found in the outbox
}

// handouts are all deliveries, by contact.
type handouts map[string]*handed

func (h handouts) of(tb testing.TB, who, id string) *handed {
	tb.Helper()
	if h[who] == nil {
		h[who] = &handed{id: id}
	}
	if h[who].id != id {
		tb.Errorf("%s got two deliveries, %s and %s", who, h[who].id, id)
	}
	return h[who]
}

// add takes note of what a process has said, and returns how many it sent.
func (h handouts) add(tb testing.TB, lines []string) (sent int) {
	tb.Helper()
	for _, line := range lines {
		switch words := strings.Fields(line); words[0] {
		case "sent":
			sent++
			h.of(tb, words[1], words[2]).sent++
		case "done":
			h.of(tb, words[1], words[2]).done++
		}
	}
	return sent
}

// Four processes share a sweep, and two of them are killed in the middle. The others go
// on, and take over when the leases have ended. Each contact gets the message once: it is
// handed out once to a process, or found in the outbox.
func TestSharedSweepOutlivesCrashes(t *testing.T) {
	for _, b := range []backend{
		{"postgres", func(tb testing.TB) place {
			return place{Kind: "postgres", Address: postgresServer.URL(tb), Namespace: newNamespace()}
		}},
		{"cluster", func(tb testing.TB) place {
			return place{Kind: "cluster", Address: redisCluster.Get(tb).URL(), Namespace: newNamespace()}
		}},
	} {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			p := b.at(t)
			kept := mustOpen(t, p)
			fillSweep(t, kept, p.Namespace)
			now := noon()
			k := task{Place: p.named("s" + p.Namespace), Now: now.UnixMilli(), Sweep: now.UnixMilli()}
			said := killedSweep(t, k, p, now.Add(beckon.LeaseFor))
			inOutbox := emptyOutbox(t, kept, now.Add(3*beckon.LeaseFor), said)
			checkSweep(t, kept, said)
			t.Logf("%d contacts, %d deliveries of processes that were killed in the outbox", *sweepContacts, inOutbox)
		})
	}
}

// fillSweep makes the contacts.
func fillSweep(tb testing.TB, kept beckon.Store, prefix string) {
	tb.Helper()
	const batch = 1_000
	profile := &store.Profile{Attributes: []store.Attribute{store.NewAttribute("plan", beckon.String("pro"))}}
	for i := 0; i < *sweepContacts; {
		var steps []store.Step
		for ; i < *sweepContacts && len(steps) < batch; i++ {
			steps = append(steps, store.Step{Key: store.Key{Kind: store.KindUser, ID: fmt.Sprintf("%s-%d", prefix, i)}, Decider: filling{profile}})
		}
		err := kept.Step(context.Background(), steps)
		for j := range steps {
			err = cmp.Or(err, steps[j].Err)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}

type filling struct{ profile *store.Profile }

// Decide implements [store.Decider].
func (f filling) Decide(_ *store.Record, c *store.Changes) error {
	c.Touch, c.Profile = true, f.profile
	return nil
}

// killedSweep has four processes sweep, kills two of them, and returns what all of them
// said. The other two are told the time when they have come to the end: they take over.
func killedSweep(t *testing.T, k task, p place, later time.Time) handouts {
	t.Helper()
	victims := []*process{startProcess(t, k), startProcess(t, k)}
	k.Place = p
	others := []*process{startProcess(t, k), startProcess(t, k)}
	said := handouts{}
	for _, v := range victims { // each has a part before others can take all
		v.begin(t)
		said.add(t, v.read(t, 1))
	}
	lines := make([][]string, 4)
	var all sync.WaitGroup
	random := rand.New(rand.NewPCG(5, 6))
	for i, v := range victims {
		// So few that it is in the middle: what is not read holds a process up.
		n := 1 + random.IntN(max(*sweepContacts/8, 1))
		all.Go(func() { lines[i] = v.killAfter(t, n) })
	}
	for i, o := range others {
		o.begin(t)
		all.Go(func() { lines[2+i] = o.readUntil(t, "over") })
	}
	all.Wait()
	killed := said.add(t, lines[0]) + said.add(t, lines[1])
	alive := said.add(t, lines[2]) + said.add(t, lines[3])
	p.settle(t, "s"+p.Namespace)
	if alive == 0 || len(said) >= *sweepContacts {
		t.Errorf("while the parts of those killed were leased, %d and %d of %d were sent to", killed, alive, *sweepContacts)
	}
	for i, o := range others {
		o.tell(t, strconv.FormatInt(later.UnixMilli(), 10))
		all.Go(func() { lines[i] = o.readUntil(t, "over") })
	}
	all.Wait()
	if said.add(t, lines[0])+said.add(t, lines[1]) == 0 {
		t.Error("nobody took over what those killed had left")
	}
	for _, o := range others {
		o.tell(t, "end")
		said.add(t, o.wait(t))
	}
	return said
}

// emptyOutbox works off what was committed and never acknowledged.
func emptyOutbox(t *testing.T, kept beckon.Store, now time.Time, said handouts) (n int) {
	t.Helper()
	engine, err := sweepEngine(kept, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	var batch []beckon.Delivery
	for d, err := range engine.Pending(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		said.of(t, d.Contact.UserID, d.ID).pending++
		batch = append(batch, d)
	}
	if err := engine.Acknowledge(t.Context(), batch...); err != nil {
		t.Fatal(err)
	}
	for d, err := range engine.Outbox(t.Context()) {
		t.Errorf("after all, %s is in the outbox: %v", d.ID, err)
	}
	return n
}

// checkSweep compares what was handed out with what the store has: one send of each.
func checkSweep(t *testing.T, kept beckon.Store, said handouts) {
	t.Helper()
	n := 0
	check := func(r *store.Record) error {
		n++
		h := said[r.Key.ID]
		switch {
		case len(r.SendLog) != 1 || len(r.SendStats) != 1 || r.SendStats[0].Count != 1:
			t.Errorf("%s: %d sends in the log, counted %v", r.Key.ID, len(r.SendLog), r.SendStats)
		case h == nil:
			t.Errorf("%s: its delivery was neither handed out nor in the outbox", r.Key.ID)
		case h.id != r.SendLog[0].ID:
			t.Errorf("%s: %s was sent, and %s handed out", r.Key.ID, r.SendLog[0].ID, h.id)
		case h.sent > 1 || h.pending > 1 || h.sent+h.pending < 1:
			t.Errorf("%s: handed out %d times, and found %d times in the outbox", r.Key.ID, h.sent, h.pending)
		case h.done > 0 && h.pending > 0:
			t.Errorf("%s: its delivery was acknowledged, and found in the outbox", r.Key.ID)
		}
		if t.Failed() {
			return errors.New("that is enough")
		}
		return nil
	}
	for at := store.Cursor(""); ; {
		next, err := kept.Scan(t.Context(), store.Query{Kinds: []store.Kind{store.KindUser}}, at, 1_000, check)
		if err != nil {
			t.Fatal(err)
		}
		if at = next; at == "" {
			break
		}
	}
	if n != *sweepContacts || len(said) != n {
		t.Errorf("%d contacts, %d of them with a delivery, want %d", n, len(said), *sweepContacts)
	}
	engine, err := beckon.New(kept)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := engine.Totals(t.Context(), "news"); err != nil || got.Sent != int64(*sweepContacts) {
		t.Errorf("%d were sent in all, %v; want %d", got.Sent, err, *sweepContacts)
	}
}

// read returns the next so many lines.
func (p *process) read(tb testing.TB, n int) (lines []string) {
	tb.Helper()
	for len(lines) < n && p.lines.Scan() {
		lines = append(lines, p.lines.Text())
	}
	if len(lines) < n {
		tb.Fatalf("a process has ended: %s", &p.stderr)
	}
	return lines
}

// readUntil returns what it says before a line.
func (p *process) readUntil(tb testing.TB, last string) (lines []string) {
	tb.Helper()
	for p.lines.Scan() {
		if p.lines.Text() == last {
			return lines
		}
		lines = append(lines, p.lines.Text())
	}
	tb.Errorf("a process has ended: %s", &p.stderr)
	return lines
}

// tell says one line to it.
func (p *process) tell(tb testing.TB, line string) {
	tb.Helper()
	if _, err := io.WriteString(p.stdin, line+"\n"); err != nil {
		tb.Fatalf("%v: %s", err, &p.stderr)
	}
}
