package benchmarks

import (
	"context"
	"fmt"
	"html"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// trackBody is the posted event of BenchmarkTrack, and trackEvent the same as
// a host has it that decodes by itself.
const trackBody = `{"event_name":"match-007","user_id":"u1","metadata":{"file_name":"holiday-2026.mp4","size":"12.5 MB","duration":12.75,"public":true}}`

func trackEvent() beckon.Event {
	return beckon.Event{Name: "match-007", UserID: "u1", Metadata: beckon.Fields{
		{Key: "file_name", Value: beckon.String("holiday-2026.mp4")},
		{Key: "size", Value: beckon.String("12.5 MB")},
		{Key: "duration", Value: beckon.Number(12.75)},
		{Key: "public", Value: beckon.Bool(true)},
	}}
}

// trackContent is what every message of BenchmarkTrack says: 630 bytes of HTML, five variables.
const trackContent = `<h1>Hi {{ name | fallback: "there" }},</h1>
<p>Your upload {{ event.file_name }} of {{ event.size }} is ready. It went through all the checks that we make, and it is now waiting for you and for the people with whom you share the folder.</p>
<p>You are on the {{ plan }} plan, which keeps every version of a file for ninety days. Should you ever need to go back to an older one, open the file, choose History, and pick the day that you want; nothing is lost, and nobody else is disturbed by it.</p>
<p>Thank you for working in {{ team }}. Write to us whenever a thing is not as you would like to have it: a person reads it on the same day, and answers.</p>`

// What becomes of a live message when the contact does what triggers it.
type fate int

const (
	outsider   fate = iota // the audience does not have the contact
	throttled_             // it was sent, and is not due again
	sent                   // it is sent each time ("throttled" is the peer's package)
)

// trackFate returns the fate of live message i of a thousand: of the five for one
// event two are throttled, and one is sent if any is.
func trackFate(i int, sends bool) fate {
	switch i / matchNames {
	case 0, 1:
		return throttled_
	case 2:
		if sends {
			return sent
		}
	}
	return outsider
}

// trackCondition asks three things, as matchCondition does.
func trackCondition(i int, sends bool) condition {
	c := matchCondition(i)
	if trackFate(i, sends) != outsider {
		c.Parts[2].Number = 1
	}
	return c
}

const trackLive = 1000

func trackMessages(sends bool) []beckon.Message {
	list := make([]beckon.Message, trackLive)
	for i := range list {
		f := &beckon.Frequency{Every: beckon.Seconds(0)}
		if trackFate(i, sends) == throttled_ {
			f.Every = beckon.Days(365)
		}
		list[i] = beckon.Message{
			ID: fmt.Sprintf("m%05d", i), Status: beckon.Live, LiveAt: start.AddDate(0, -1, 0), Trigger: beckon.On(matchName(i)),
			Audience: trackCondition(i, sends).Beckon(), Frequency: f,
			Content: beckon.Content{Format: beckon.FormatHTML, Subject: "Upload", Body: trackContent},
		}
	}
	return list
}

// A tracked is what came of one event, in the form that the test compares.
type tracked struct {
	sent string // the message, and its body without escapes
	held string
}

// trackPeer is a way to track, from the body or from a decoded event.
type trackPeer struct {
	name   string
	track  func()
	answer func() tracked // of one more event
}

func trackPeers(tb testing.TB, sends bool) []trackPeer {
	tb.Helper()
	ctx := context.Background()
	store := memstore.New()
	check(tb, matchPerson().Store(store, "u1"))
	engine, event := newEngine(tb, store, (&clock{at: start}).now, trackMessages(sends)...), trackEvent()
	reader := strings.NewReader("")
	fromJSON := func() beckon.Result {
		reader.Reset(trackBody)
		res, err := engine.TrackJSON(ctx, reader)
		check(tb, err)
		return res
	}
	direct := func() beckon.Result {
		res, err := engine.Track(ctx, event)
		check(tb, err)
		return res
	}
	answer := func(track func() beckon.Result) func() tracked {
		return func() (t tracked) {
			res := track()
			for _, d := range res.Deliveries {
				t.sent += d.Message + ": " + d.Subject + ": " + html.UnescapeString(d.Body)
			}
			for _, h := range res.Held() {
				t.held += fmt.Sprintln(h.Message, h.Reason)
			}
			return t
		}
	}
	a, tuned, h, body, decoded := newAssembled(tb, sends, false), newAssembled(tb, sends, true), newByHand(sends), []byte(trackBody), decodeByHand(trackBody)
	var posted assembledEvent
	check(tb, posted.decode(body))
	limitAnswer := func() tracked {
		h.track(&decoded)
		return h.answer()
	}
	put := func(a *assembled) (fromJSON, direct trackPeer) {
		answer := func() tracked {
			check(tb, a.track(ctx, &posted))
			return a.answer()
		}
		return trackPeer{"", func() {
				var e assembledEvent
				check(tb, e.decode(body))
				check(tb, a.track(ctx, &e))
			}, answer},
			trackPeer{"", func() { check(tb, a.track(ctx, &posted)) }, answer}
	}
	assembledJSON, assembledDirect := put(a)
	tunedJSON, tunedDirect := put(tuned)
	bare := trackEvent()
	bare.Metadata = nil
	return []trackPeer{
		{"limit-by-hand-json", func() {
			e := decodeByHand(string(body))
			h.track(&e)
		}, limitAnswer},
		{"beckon-TrackJSON", func() {
			reader.Reset(trackBody)
			_, err := engine.TrackJSON(ctx, reader)
			check(tb, err)
		}, answer(fromJSON)},
		{"assembled-json", assembledJSON.track, assembledJSON.answer},
		{"assembled-tuned-json", tunedJSON.track, tunedJSON.answer},
		{"limit-by-hand", func() { h.track(&decoded) }, limitAnswer},
		{"beckon-Track", func() {
			_, err := engine.Track(ctx, event)
			check(tb, err)
		}, answer(direct)},
		{"beckon-Track-without-metadata", func() {
			_, err := engine.Track(ctx, bare)
			check(tb, err)
		}, answer(direct)},
		{"assembled", assembledDirect.track, assembledDirect.answer},
		{"assembled-tuned", tunedDirect.track, tunedDirect.answer},
	}
}

func TestTracksAgree(t *testing.T) {
	for _, sends := range []bool{false, true} {
		peers := trackPeers(t, sends)
		for _, p := range peers {
			p.track() // what is throttled is sent once
		}
		want := peers[1].answer()
		if (want.sent != "") != sends || strings.Count(want.held, "\n") != 5-strings.Count(want.sent, "Upload:") {
			t.Errorf("%+v", want)
		}
		for _, p := range peers {
			if got := p.answer(); got != want {
				t.Errorf("%s: %+v\nwant %+v", p.name, got, want)
			}
		}
	}
}

// A repeat is one for both.
func TestRepeatsAgree(t *testing.T) {
	ctx := context.Background()
	store := memstore.New()
	check(t, matchPerson().Store(store, "u1"))
	engine, a := newEngine(t, store, (&clock{at: start}).now, trackMessages(true)...), newAssembled(t, true, false)
	at := start.Unix() - 100
	for i, c := range []struct {
		id   string
		at   int64
		want bool
	}{{"", at, false}, {"", at, true}, {"", at + 1, false}, {"a", at + 2, false}, {"a", at + 3, true}, {"b", at + 2, false}, {"", 0, false}, {"", 0, false}} {
		e := beckon.Event{Name: "match-007", UserID: "u1", EventID: c.id}
		if c.at > 0 {
			e.CreatedAt = time.Unix(c.at, 0)
		}
		res, err := engine.Track(ctx, e)
		check(t, err)
		check(t, a.track(ctx, &assembledEvent{Name: e.Name, UserID: e.UserID, EventID: c.id, CreatedAt: c.at}))
		if res.Duplicate != c.want || a.duplicate != c.want {
			t.Errorf("%d: %v and %v, want %v", i, res.Duplicate, a.duplicate, c.want)
		}
	}
}

func trackRows(tb testing.TB, sends bool) []row {
	tb.Helper()
	var rows []row
	for _, p := range trackPeers(tb, sends) {
		for range 2100 { // logs and memories of repeats fill up
			p.track()
		}
		rows = append(rows, row{p.name, each(p.track)})
	}
	return rows
}

// BenchmarkTrack is a whole event in memory with a thousand live messages, five
// of them for the Event: decided, rendered, counted and recorded. "sent" sends
// and renders one of the five, "held" none.
func BenchmarkTrack(b *testing.B) {
	b.Run("sent", func(b *testing.B) { measureAll(b, trackRows(b, true)) })
	b.Run("held", func(b *testing.B) { measureAll(b, trackRows(b, false)) })
}
