package beckon_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// E3, A8, D4, E6: what is refused changes nothing: not one byte of the store.
func TestRefusedChangesNothing(t *testing.T) {
	ctx := context.Background()
	clock := &hand{}
	clock.set(noon)
	store := memstore.New()
	engine, err := beckon.New(store, beckon.WithClock(clock.now), beckon.WithStrictMetadata(), beckon.WithEventNamesLimit(2))
	if err != nil {
		t.Fatal(err)
	}
	strangers, err := beckon.New(store, beckon.WithClock(clock.now), beckon.WithKnownContactsOnly())
	if err != nil {
		t.Fatal(err)
	}
	program := mergeProgram()
	program.Events = map[string]beckon.EventDeclaration{"declared": {
		Metadata: map[string]beckon.KeyDeclaration{"n": {Type: "number", Required: true}}, Others: beckon.OthersRefuse,
	}}
	program.Messages = append(program.Messages, beckon.Message{
		ID: "gone", Status: beckon.Stopped, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"},
	})
	for _, e := range []*beckon.Engine{engine, strangers} {
		if err := e.Publish(ctx, program); err != nil {
			t.Fatal(err)
		}
	}
	who := beckon.Identity{UserID: "u"}
	prepare := []error{
		func() error { _, err := engine.Track(ctx, beckon.Event{Name: "e", UserID: "u"}); return err }(),
		func() error { _, err := engine.Track(ctx, beckon.Event{Name: "f", UserID: "u"}); return err }(),
		func() error { _, err := engine.Check(ctx, who); return err }(),
		func() error {
			_, err := engine.Update(ctx, beckon.Contact{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID, Attributes: beckon.Attributes{"email": beckon.String("two@example.com")}})
			return err
		}(),
		func() error {
			_, err := engine.Update(ctx, beckon.Contact{Email: "two@example.com"})
			return err
		}(),
		func() error {
			_, err := engine.Update(ctx, beckon.Contact{ID: "i", Attributes: beckon.Attributes{"email": beckon.String("three@example.com")}})
			return err
		}(),
		func() error {
			_, err := engine.Update(ctx, beckon.Contact{ID: "j", Attributes: beckon.Attributes{"email": beckon.String("three@example.com")}})
			return err
		}(),
	}
	if err := errors.Join(prepare...); err != nil {
		t.Fatal(err)
	}
	many := beckon.Attributes{}
	for i := range beckon.MaxAttributes + 1 {
		many[fmt.Sprint("a", i)] = beckon.Bool(true)
	}
	companies := make([]beckon.Membership, beckon.MaxCompanies+1)
	for i := range companies {
		companies[i].CompanyID = fmt.Sprint("c", i)
	}
	fields := func(n int) (f beckon.Fields) {
		for i := range n {
			f = append(f, beckon.Field{Key: fmt.Sprint("k", i), Value: beckon.Bool(true)})
		}
		return f
	}
	with := func(key string, v beckon.Value) beckon.Event {
		return beckon.Event{Name: "e", UserID: "u", Metadata: beckon.Fields{{Key: key, Value: v}}}
	}
	track := func(e beckon.Event) func() error {
		return func() error { _, err := engine.Track(ctx, e); return err }
	}
	posted := func(body string) func() error {
		return func() error { _, err := engine.TrackJSON(ctx, strings.NewReader(body)); return err }
	}
	update := func(c beckon.Contact) func() error {
		return func() error { _, err := engine.Update(ctx, c); return err }
	}
	publish := func(edit func(*beckon.Program)) func() error {
		return func() error {
			p := mergeProgram()
			edit(&p)
			return engine.Publish(ctx, p)
		}
	}
	for _, c := range []struct {
		code beckon.Code
		call func() error
	}{
		{beckon.ErrEventNameMissing, track(beckon.Event{UserID: "u"})},
		{beckon.ErrEventNameInvalid, track(beckon.Event{Name: "a\x00b", UserID: "u"})},
		{beckon.ErrEventNamesLimit, track(beckon.Event{Name: "third", UserID: "u", EventID: "7"})},
		{beckon.ErrContactMissing, track(beckon.Event{Name: "e"})},
		{beckon.ErrContactAmbiguous, track(beckon.Event{Name: "e", Email: "three@example.com"})},
		{beckon.ErrEmailInvalid, track(beckon.Event{Name: "e", Email: "no address"})},
		{beckon.ErrCreatedAtInvalid, track(beckon.Event{Name: "e", UserID: "u", CreatedAt: noon.Add(25 * time.Hour)})},
		{beckon.ErrMetadataKeyInvalid, track(with("a.b", beckon.Bool(true)))},
		{beckon.ErrMetadataKeyDuplicate, track(beckon.Event{Name: "e", UserID: "u", Metadata: append(fields(1), beckon.Field{Key: "K0", Value: beckon.Bool(true)})})},
		{beckon.ErrMetadataTooMany, track(beckon.Event{Name: "e", UserID: "u", Metadata: fields(21)})},
		{beckon.ErrMetadataMismatch, track(beckon.Event{Name: "declared", UserID: "u"})},
		{beckon.ErrMetadataUndeclared, track(beckon.Event{Name: "declared", UserID: "u", Metadata: append(fields(1), beckon.Field{Key: "n", Value: beckon.Number(1)})})},
		{beckon.ErrMetadataStringTooLong, track(with("k", beckon.String(strings.Repeat("x", 256))))},
		{beckon.ErrMetadataURLInvalid, track(with("k", beckon.RichLink("javascript:x", "t")))},
		{beckon.ErrMetadataStripeInvalid, track(with("k", beckon.Stripe("a/b")))},
		{beckon.ErrTextNotUTF8, track(beckon.Event{Name: "e", UserID: "\xff"})},
		{beckon.ErrSourceUnknown, track(beckon.Event{Name: "e", UserID: "u", Source: "elsewhere"})},
		{beckon.ErrMetadataNested, posted(`{"event_name":"e","user_id":"u","metadata":{"a":[1]}}`)},
		{beckon.ErrMetadataNull, posted(`{"event_name":"e","user_id":"u","metadata":{"a":null}}`)},
		{beckon.ErrMetadataNumberInvalid, posted(`{"event_name":"e","user_id":"u","metadata":{"a":1e400}}`)},
		{beckon.ErrMetadataCurrency, posted(`{"event_name":"e","user_id":"u","metadata":{"a":{"amount":1,"currency":"zzz"}}}`)},
		{beckon.ErrMetadataAmountInvalid, posted(`{"event_name":"e","user_id":"u","metadata":{"a":{"amount":1.5,"currency":"eur"}}}`)},
		{beckon.ErrMetadataDateInvalid, posted(`{"event_name":"e","user_id":"u","metadata":{"a_date":1.5}}`)},
		{beckon.ErrTypeInvalid, posted(`{"event_name":"e","user_id":7.5}`)},
		{beckon.ErrJSONInvalid, posted(`{"event_name":"e","user_id":"u"`)},
		{beckon.ErrBodyTooLarge, posted(`{"event_name":"e","user_id":"u","x":"` + strings.Repeat("x", beckon.MaxEventBytes) + `"}`)},
		{beckon.ErrContactUnknown, func() error { _, err := strangers.Track(ctx, beckon.Event{Name: "e", UserID: "new"}); return err }},
		{beckon.ErrContactUnknown, func() error {
			_, err := strangers.Visit(ctx, beckon.Visit{UserID: "new"})
			return err
		}},
		{beckon.ErrContactUnknown, func() error { _, err := strangers.Check(ctx, beckon.Identity{UserID: "new"}); return err }},
		{beckon.ErrSourceUnknown, func() error {
			_, err := engine.Visit(ctx, beckon.Visit{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID, Source: "elsewhere"})
			return err
		}},
		{beckon.ErrContactMissing, func() error { _, err := engine.Visit(ctx, beckon.Visit{}); return err }},
		{beckon.ErrCheckTooSoon, func() error { _, err := engine.Check(ctx, who); return err }},
		{beckon.ErrAttributeInvalid, update(beckon.Contact{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID, Attributes: many, Companies: companies[:1]})},
		{beckon.ErrAttributeInvalid, update(beckon.Contact{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID, Companies: companies})},
		{beckon.ErrAttributeInvalid, update(beckon.Contact{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID, Companies: []beckon.Membership{companies[0], {CompanyID: "z", Attributes: many}}})},
		{beckon.ErrAttributeInvalid, update(beckon.Contact{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID, Companies: []beckon.Membership{companies[0], {}}})},
		{beckon.ErrAttributeInvalid, update(beckon.Contact{UserID: "new", Unsubscribed: []string{"chat"}})},
		{beckon.ErrTimezoneUnknown, update(beckon.Contact{UserID: "new", Timezone: "Mars/Base", Companies: companies[:1]})},
		{beckon.ErrSubscriptionUnknown, func() error { return engine.Unsubscribe(ctx, who, "chat") }},
		{beckon.ErrSubscriptionUnknown, func() error { return engine.Resubscribe(ctx, who, "email:") }},
		{beckon.ErrContactMissing, func() error { return engine.Unsubscribe(ctx, beckon.Identity{}, "email") }},
		{beckon.ErrDeliveryUnknown, func() error { return engine.Release(ctx, beckon.Delivery{ID: "x", Contact: who}) }},
		{beckon.ErrDeliveryUnknown, func() error { return engine.ReleaseLatest(ctx, beckon.Identity{UserID: "new"}, "most") }},
		{beckon.ErrContactMissing, func() error { return second(engine.Merge(ctx, who, beckon.Identity{})) }},
		{beckon.ErrContactAmbiguous, func() error { return second(engine.Merge(ctx, who, beckon.Identity{Email: "three@example.com"})) }},
		{beckon.ErrContactMissing, func() error { return engine.Delete(ctx, beckon.Identity{}) }},
		{beckon.ErrMessageUnknown, func() error { return engine.Pause(ctx, "nothing") }},
		{beckon.ErrMessageStopped, func() error { return engine.Resume(ctx, "gone") }},
		{beckon.ErrMessageUnknown, func() (last error) {
			for _, last = range engine.Send(ctx, "most") { // not a one-off
			}
			return last
		}},
		{beckon.ErrProgramInvalid, func() error { return second(engine.SendTo(ctx, who, beckon.Message{ID: "m", Trigger: beckon.On("e")})) }},
		{beckon.ErrContactMissing, func() error { return second(engine.SendTo(ctx, beckon.Identity{}, beckon.Message{ID: "m"})) }},
		{beckon.ErrContactUnknown, func() error {
			return second(engine.SendTo(ctx, beckon.Identity{UserID: "new"}, beckon.Message{ID: "m"}))
		}},
		{beckon.ErrProgramInvalid, publish(func(p *beckon.Program) { p.Messages[0].Audience = beckon.Segment("none") })},
		{beckon.ErrProgramInvalid, publish(func(p *beckon.Program) { p.Messages = append(p.Messages, p.Messages[0]) })},
		{beckon.ErrProgramInvalid, publish(func(p *beckon.Program) { p.Messages[1].Content.Body = "{{ event. }}" })},
		{beckon.ErrModeFixed, publish(func(p *beckon.Program) {
			p.Messages[0].Trigger, p.Messages[0].Frequency, p.Messages[0].Mode = nil, nil, beckon.Ongoing
			p.Messages = append(p.Messages, beckon.Message{ID: "new", Status: beckon.Live, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"}})
		})},
	} {
		before := store.Snapshot()
		err := c.call()
		if !errors.Is(err, c.code) {
			t.Errorf("%s: got %v", c.code, err)
		}
		if !bytes.Equal(before, store.Snapshot()) {
			t.Errorf("%s (%v): the store has changed", c.code, err)
		}
	}
	// The program that was there before the bad ones still runs.
	res, err := engine.Track(ctx, beckon.Event{Name: "e", UserID: "u3"})
	if err != nil || len(res.Deliveries) != 4 {
		t.Errorf("after bad programs: %v, %v", res.Deliveries, err)
	}
}

// C4: of a contact that was deleted nothing is left, in no record, log or
// index; the same identities start anew.
func TestDeleteLeavesNothing(t *testing.T) {
	ctx := context.Background()
	identities := []beckon.Identity{
		{UserID: "Zq-user"}, {ID: "Zq-lead"}, {Email: "Zq-mail@example.com"}, {AnonymousID: "Zq-visitor"},
	}
	everything := func(t *testing.T, engine *beckon.Engine, clock *hand) {
		t.Helper()
		for i, who := range identities {
			event := beckon.Event{
				Name: "uploaded", UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID, EventID: fmt.Sprint("Zq-event", i),
				Page: &beckon.Page{URL: "https://example.com/Zq-page"}, Metadata: beckon.Fields{{Key: "k", Value: beckon.String("Zq-value")}},
			}
			if _, err := engine.Track(ctx, event); err != nil {
				t.Fatal(err)
			}
			if _, err := engine.Update(ctx, beckon.Contact{
				UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID, Name: "Zq-name", Companies: []beckon.Membership{{CompanyID: "acme", Name: "Acme"}},
				Attributes: beckon.Attributes{"plan": beckon.String("pro"), "secret": beckon.String("Zq-secret"), "phone": beckon.String("Zq-phone")},
			}); err != nil {
				t.Fatal(err)
			}
			if _, err := engine.Visit(ctx, beckon.Visit{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID}); err != nil {
				t.Fatal(err)
			}
			if _, err := engine.Check(ctx, who); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			for _, err := range engine.Send(ctx, "launch") {
				if err != nil {
					t.Fatal(err)
				}
			}
			for _, err := range engine.Sweep(ctx) {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for last, by := range identities {
		kept, clock := newFaultStore(), &hand{}
		clock.set(noon)
		engine, err := beckon.New(kept, beckon.WithClock(clock.now), beckon.WithOutbox())
		if err != nil {
			t.Fatal(err)
		}
		program := runProgram()
		for i := range program.Messages {
			program.Messages[i].Goal = &beckon.Goal{Rule: beckon.Did("paid").AtLeast(1), Within: beckon.Days(7)}
		}
		if err := engine.Publish(ctx, program); err != nil {
			t.Fatal(err)
		}
		everything(t, engine, clock)
		for i := range identities {
			if i != last {
				if _, err := engine.Merge(ctx, identities[i], by); err != nil {
					t.Fatal(err)
				}
			}
		}
		x, _, err := engine.Export(ctx, by)
		if err != nil {
			t.Fatal(err)
		}
		if len(x.Waiting) == 0 || len(x.Series) == 0 || len(x.Goals) == 0 || len(x.Pending) == 0 || len(x.Aliases) != 3 || len(x.Recent) != 4 {
			t.Fatalf("there is not everything to be deleted: %+v", x)
		}
		if !bytes.Contains(kept.Snapshot(), []byte("Zq-")) {
			t.Fatal("the scan would find nothing")
		}
		if err := engine.Delete(ctx, by); err != nil {
			t.Fatal(err)
		}
		gone := func(when string) {
			t.Helper()
			data := kept.Snapshot()
			if i := bytes.Index(data, []byte("Zq-")); i >= 0 {
				t.Errorf("deleted by %v, %s: %.40q is left", by, when, data[i:])
			}
			for name, q := range map[string]store.Query{
				"due": {Due: clock.now().Add(1000 * time.Hour).UnixMilli()}, "pending": {Pending: math.MaxInt64}, "moving": {Moving: true},
				"email": {Email: "Zq-mail@example.com"}, "kinds": {Kinds: []store.Kind{store.KindUser, store.KindContact, store.KindEmail, store.KindAnonymous}},
			} {
				if _, err := kept.Scan(ctx, q, "", 10, func(r *store.Record) error {
					t.Errorf("deleted by %v, %s: the index by %s has %v", by, when, name, r.Key)
					return nil
				}); err != nil {
					t.Fatal(err)
				}
			}
		}
		gone("at once")
		clock.add(2 * time.Hour)
		for d, err := range engine.Due(ctx) {
			t.Errorf("Due after the deletion: %v, %v", d, err)
		}
		gone("after Due")
		for _, who := range identities {
			if _, known, err := engine.Export(ctx, who); known || err != nil {
				t.Errorf("%v is known: %v", who, err)
			}
			res, err := engine.Track(ctx, beckon.Event{
				Name: "uploaded", UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID, EventID: "Zq-event0",
			})
			if err != nil || res.Duplicate {
				t.Errorf("%v does not start anew: duplicate %v, %v", who, res.Duplicate, err)
			}
			x, _, err := engine.Export(ctx, who)
			if err != nil || len(x.Events) != 1 || x.Events[0].Count != 1 || len(x.Aliases) != 0 || len(x.Companies) != 0 {
				t.Errorf("%v does not start anew: %+v, %v", who, x, err)
			}
		}
	}
}
