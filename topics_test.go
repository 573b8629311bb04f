package beckon_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

func topical() beckon.Program {
	program := often()
	program.Messages[0].Topic = "news"
	program.Topics = []beckon.Topic{{ID: "news", Name: "Newsletter", Channels: []beckon.Channel{beckon.Email, beckon.Chat}}, {ID: "beta", OptIn: true}}
	return program
}

func is(b bool) *bool { return &b }

// C6, D11: every choice and every unsubscription keeps when and from where it came, what is
// said again stays as it was said first, and one call lists the topics with the choices.
func TestChoicesKeepWhenAndWhere(t *testing.T) {
	t.Parallel()
	ctx, who := context.Background(), beckon.Identity{UserID: "u"}
	w := newOutbox(t, memstore.New(), topical())
	want := []beckon.TopicChoice{{ID: "news", Name: "Newsletter", Channels: []beckon.Channel{beckon.Email, beckon.Chat}, Wanted: true}, {ID: "beta", OptIn: true}}
	topics := func() {
		t.Helper()
		got, err := w.Topics(ctx, who)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("topics %+v, %v, want %+v", got, err, want)
		}
	}
	topics() // of one that is not known
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute).UTC() }
	w.must(w.Resubscribe(ctx, who, "beta", "preferences"))
	w.must(w.Unsubscribe(ctx, who, "email:promo"))
	w.clock.add(time.Minute)
	w.must(w.Resubscribe(ctx, who, "beta", "call centre", "agent 7"))
	w.must(w.Unsubscribe(ctx, who, "email:promo", "again"))
	w.must(second(w.Update(ctx, beckon.Contact{UserID: "u", Unsubscribed: []string{"email:promo", "sms"}, Topics: map[string]*bool{"news": is(false), "gone": is(true)}})))
	want[0].Wanted, want[0].At, want[0].From = false, at(1), "update"
	want[1].Wanted, want[1].At, want[1].From = true, at(0), "preferences"
	topics()
	choices := func(want ...beckon.Choice) {
		t.Helper()
		x, _, err := w.Export(ctx, who)
		if err != nil || !reflect.DeepEqual(x.Choices, want) {
			t.Errorf("choices %+v, %v, want %+v", x.Choices, err, want)
		}
	}
	choices(beckon.Choice{Of: "beta", Yes: true, At: at(0), From: "preferences"}, beckon.Choice{Of: "email:promo", At: at(0), From: "call"},
		beckon.Choice{Of: "gone", Yes: true, At: at(1), From: "update"}, beckon.Choice{Of: "news", At: at(1), From: "update"}, beckon.Choice{Of: "sms", At: at(1), From: "update"})
	c, err := w.Contact(ctx, who)
	w.must(err)
	data, err := json.Marshal(c)
	w.must(err)
	again, err := beckon.ParseContact(data)
	if err != nil || !reflect.DeepEqual(again.Topics, c.Topics) || len(c.Topics) != 3 || *c.Topics["news"] {
		t.Errorf("%s is read as %+v, %v", data, again.Topics, err)
	}

	w.clock.add(time.Minute)
	w.must(w.Resubscribe(ctx, who, "sms"))
	w.must(w.Unsubscribe(ctx, who, "beta", "call centre", "agent 7"))
	w.must(second(w.Update(ctx, beckon.Contact{UserID: "u", Unsubscribed: []string{}, Topics: map[string]*bool{"news": nil, "gone": nil, "never": nil}})))
	want[0].Wanted, want[0].At, want[0].From = true, time.Time{}, ""
	want[1].Wanted, want[1].At, want[1].From = false, at(2), "call centre: agent 7"
	topics()
	choices(beckon.Choice{Of: "beta", At: at(2), From: "call centre: agent 7"})
	if data, err := json.Marshal(beckon.Contact{UserID: "u", Topics: map[string]*bool{"news": nil}}); err != nil || string(data) != `{"user_id":"u","topics":{"news":null}}` {
		t.Errorf("%s, %v", data, err)
	}
	w.must(w.Delete(ctx, who))
	want[1].Wanted, want[1].At, want[1].From = false, time.Time{}, ""
	topics()
}

// C6, D11: what the outbox hands out is judged by topic again, also by a worker without a
// program, and by what the message was when it was decided.
func TestTopicAtHandOut(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, c := range map[string]struct {
		edit func(*beckon.Message)
		then map[string]*bool
		out  bool
	}{
		"a no":             {then: map[string]*bool{"news": is(false)}},
		"a no in the app":  {then: map[string]*bool{"news": is(false)}, edit: func(m *beckon.Message) { m.Channel = beckon.Chat }},
		"a yes":            {then: map[string]*bool{"news": is(true)}, out: true},
		"of another":       {then: map[string]*bool{"beta": is(false)}, out: true},
		"transactional":    {then: map[string]*bool{"news": is(false)}, edit: func(m *beckon.Message) { m.Transactional = true }, out: true},
		"opt-in, and kept": {edit: func(m *beckon.Message) { m.Topic = "beta" }, out: true},
		"opt-in, and back": {then: map[string]*bool{"beta": nil}, edit: func(m *beckon.Message) { m.Topic = "beta" }},
	} {
		program := topical()
		if c.edit != nil {
			c.edit(&program.Messages[0])
		}
		f := newFleet(t)
		w := f.process(&program, beckon.WithOutbox())
		w.must(second(w.Update(ctx, beckon.Contact{UserID: "u", Topics: map[string]*bool{"beta": is(true)}})))
		w.one("u")
		w.must(second(w.Update(ctx, beckon.Contact{UserID: "u", Topics: c.then})))
		w.clock.add(beckon.LeaseFor)
		if got := f.process(nil).lease(); (len(got) == 1) != c.out {
			t.Errorf("%s: %d handed out", name, len(got))
		}
	}
}

// C5: a visitor that has refused a topic is kept; one that has only chosen to get it is not.
func TestVisitorWithAChoice(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), topical())
	for id, yes := range map[string]bool{"no": false, "yes": true} {
		w.must(second(w.Update(ctx, beckon.Contact{AnonymousID: id, Topics: map[string]*bool{"news": is(yes)}})))
	}
	w.clock.add(100 * 24 * time.Hour)
	w.must(last(w.Due(ctx)))
	for id, kept := range map[string]bool{"no": true, "yes": false} {
		if _, err := w.Contact(ctx, beckon.Identity{AnonymousID: id}); (err == nil) != kept {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// The limit of choices refuses more of them and changes nothing; what is known may change.
func TestChoicesLimit(t *testing.T) {
	t.Parallel()
	ctx, who := context.Background(), beckon.Identity{UserID: "u"}
	w := newOutbox(t, memstore.New(), topical())
	all := map[string]*bool{}
	for i := range beckon.MaxUnsubscribed {
		all[fmt.Sprint("x", i)] = is(true)
	}
	w.must(second(w.Update(ctx, beckon.Contact{UserID: "u", Topics: all})))
	w.must(w.Unsubscribe(ctx, who, "email")) // is no topic
	for field, err := range map[string]error{
		"from":   w.Unsubscribe(ctx, who, "news"),
		"topics": second(w.Update(ctx, beckon.Contact{UserID: "u", Name: "U", Topics: map[string]*bool{"news": is(true)}})),
	} {
		var list beckon.ErrorList
		if !errors.As(err, &list) || list[0].Code != beckon.ErrAttributeInvalid || list[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	all["y"] = is(true)
	if err := second(w.Update(ctx, beckon.Contact{UserID: "v", Topics: all})); !errors.Is(err, beckon.ErrAttributeInvalid) {
		t.Errorf("all at once: %v", err)
	}
	c, err := w.Contact(ctx, who)
	if w.must(err); len(c.Topics) != beckon.MaxUnsubscribed || c.Name != "" {
		t.Errorf("%d choices, %q", len(c.Topics), c.Name)
	}
	w.must(second(w.Update(ctx, beckon.Contact{UserID: "u", Topics: map[string]*bool{"x0": nil, "news": is(false)}})))
}
