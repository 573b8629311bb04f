package beckon_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

// Z1, 64 of the fault model: what the engine hands out is the caller's own. To
// change it changes nothing of what is kept.
func TestResultsAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, Trigger: beckon.On("go"),
		Content: beckon.Content{Body: "Go", Data: map[string]string{"button": "Press"}, Parameters: map[string]string{"who": "user.user_id"}},
	}}}, beckon.WithOutbox())
	u := beckon.Identity{UserID: "u"}
	event := beckon.Event{Name: "go", UserID: "u", EventID: "e1", Page: &beckon.Page{URL: "https://a.example/"}}
	first := kit.Track(event).Deliveries[0]
	first.Data["button"] = "changed"
	clear(first.Parameters)
	repeat := kit.Track(event)
	check := func(where string, d beckon.Delivery) {
		t.Helper()
		if got := d.Data["button"]; got != "Press" {
			t.Errorf("%s: the button says %q", where, got)
		}
		d.Data["button"] = "changed"
		if got := d.Parameters["who"]; got.Text() != "u" {
			t.Errorf("%s: the parameter says %q", where, got.Text())
		}
		clear(d.Parameters)
	}
	check("repeat", repeat.Deliveries[0])
	for range 2 {
		for d, err := range kit.Engine.Outbox(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			check("pending", d)
		}
		x, _, err := kit.Engine.Export(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		check("export", x.Pending[0])
		past, err := kit.Engine.RecentEvents(t.Context(), u, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := past[0].Page.URL; got != "https://a.example/" {
			t.Errorf("the page is %q", got)
		}
		past[0].Page.URL = "changed"
	}
}

// A distance longer than the calendar reaches still has a result that can be
// written: nothing to try again for.
func TestRetryBeyondTheCalendar(t *testing.T) {
	t.Parallel()
	long := beckon.Days(36525)
	program := beckon.Program{
		Messages: []beckon.Message{
			{ID: "m", Status: beckon.Live, Trigger: beckon.On("go"), Frequency: &beckon.Frequency{Every: long}, Content: beckon.Content{Body: "Go"}},
			{ID: "n", Status: beckon.Live, Trigger: beckon.On("go"), Frequency: &beckon.Frequency{Every: beckon.Seconds(0)}, Tags: []string{"x"}, Content: beckon.Content{Body: "Go"}},
		},
		Caps: []beckon.Cap{{ID: "c", Tag: "x", Max: 1, Within: long}},
	}
	kit := beckontest.New(t, program).At(time.Date(9950, time.January, 1, 0, 0, 0, 0, time.UTC))
	event := beckon.Event{Name: "go", UserID: "u"}
	kit.Track(event).Want("m", "sent")
	kit.Advance(time.Minute).Track(event).Want("m", "throttled").Want("n", "capped")
	res, err := kit.Engine.Track(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(res); err != nil {
		t.Errorf("the result cannot be written: %v", err)
	}
	traces, err := kit.Engine.Explain(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(traces); err != nil {
		t.Errorf("the explanation cannot be written: %v", err)
	}
}

// An engine that New did not make refuses every call, and does not panic.
func TestZeroEngine(t *testing.T) {
	t.Parallel()
	var engine beckon.Engine
	if _, err := engine.Track(t.Context(), beckon.Event{Name: "go", UserID: "u"}); err == nil {
		t.Error("the zero Engine took an event")
	}
	if err := engine.Publish(t.Context(), beckon.Program{}); err == nil {
		t.Error("the zero Engine took a program")
	}
	if err := last(engine.Due(t.Context())); err == nil {
		t.Error("the zero Engine was due")
	}
}

// C1, E1: an identity given under attributes does not make the contact another
// one, and does not lose its deliveries.
func TestIdentityUnderAttributes(t *testing.T) {
	t.Parallel()
	kit := beckontest.New(t, repeating("m"), beckon.WithOutbox())
	kit.Update(beckon.Contact{ID: "5", Attributes: beckon.Attributes{"user_id": beckon.String("u9")}})
	out := kit.Track(beckon.Event{Name: "go", ID: "5"})
	if err := kit.Engine.Acknowledge(t.Context(), out.Deliveries...); err != nil {
		t.Fatal(err)
	}
	for d, err := range kit.Engine.Outbox(t.Context()) {
		t.Errorf("still pending: %v %v", d, err)
	}
}

// R4 of the fault model: an update that is refused for its size leaves no
// company behind either.
func TestRefusedUpdateChangesNoCompany(t *testing.T) {
	t.Parallel()
	kit := beckontest.New(t, beckon.Program{})
	many := beckon.Attributes{}
	for i := range beckon.MaxAttributes + 1 {
		many[strconv.Itoa(i)] = beckon.Bool(true)
	}
	kit.UpdateErr(beckon.Contact{
		UserID: "u", Attributes: many, Companies: []beckon.Membership{{CompanyID: "acme", Name: "Acme"}},
	}, beckon.ErrAttributeInvalid)
	kit.Update(beckon.Contact{UserID: "v", Companies: []beckon.Membership{{CompanyID: "acme"}}})
	if got := kit.Match(beckon.Company("name").HasAnyValue()); len(got) != 0 {
		t.Errorf("the company has a name: %v", got)
	}
}

// What an engine keeps of an event is its own: the next event is written over the memory
// in which the last one was judged. (E7, T6, S2)
func TestKeptMetadataStay(t *testing.T) {
	t.Parallel()
	says := func(id string, on *beckon.Trigger, text string) beckon.Message {
		return beckon.Message{ID: id, Status: beckon.Live, Trigger: on, Content: beckon.Content{Body: text}}
	}
	night := func(m beckon.Message) beckon.Message {
		m.Frequency = beckon.EachTime()
		m.Schedule = &beckon.Schedule{Timezone: "UTC", Windows: []beckon.Window{{From: "20:00", To: "21:00"}}, Outside: beckon.OutsideHold}
		return m
	}
	kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{
		says("absence", beckon.On("cart").Unless("order", beckon.Hours(1), ""), "{{ event.item }} {{ event.price }}"),
		night(says("night", beckon.On("cart"), "{{ event.price }} {{ event.item }}")),
		night(says("plan", beckon.OnChange("plan"), "{{ event.from }} to {{ event.to }}")),
		night(says("team", beckon.OnChange("team"), "{{ event.from }} to {{ event.to }}")),
	}})
	kit.At(noon)
	post := func(user, item string, price int) {
		t.Helper()
		body := fmt.Sprintf(`{"event_name":"cart","user_id":%q,"metadata":{"item":%q,"price":%d}}`, user, item, price)
		if _, err := kit.Engine.TrackJSON(t.Context(), strings.NewReader(body)); err != nil {
			t.Fatal(err)
		}
	}
	fields := beckon.Fields{{Key: "item", Value: beckon.String("chair")}, {Key: "price", Value: beckon.Number(3)}}
	post("a", "lamp", 1)
	post("b", "desk", 2)
	kit.Track(beckon.Event{Name: "cart", UserID: "c", Metadata: fields})
	fields[0].Value, fields[1].Key = beckon.String("changed"), "changed"
	post("d", "shelf", 4)
	for _, plan := range []string{"free", "pro"} {
		kit.Update(beckon.Contact{UserID: "e", Attributes: beckon.Attributes{"plan": beckon.String(plan), "team": beckon.String("the " + plan)}})
	}
	post("f", "rug", 5)

	got := map[string][]string{}
	for _, at := range []time.Time{noon.Add(2 * time.Hour), noon.Add(8*time.Hour + time.Minute)} {
		kit.At(at)
		for d, err := range kit.Engine.Due(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			got[d.Contact.UserID] = append(got[d.Contact.UserID], d.Body)
		}
	}
	if diff := cmp.Diff(map[string][]string{
		"a": {"lamp 1", "1 lamp"}, "b": {"desk 2", "2 desk"}, "c": {"chair 3", "3 chair"}, "d": {"shelf 4", "4 shelf"},
		"e": {" to free", " to the free", "free to pro", "the free to the pro"}, "f": {"rug 5", "5 rug"},
	}, got, cmpopts.SortSlices(func(a, b string) bool { return a < b })); diff != "" {
		t.Error(diff)
	}
	for user, want := range map[string]string{"a": "lamp", "b": "desk", "c": "chair", "d": "shelf", "f": "rug"} {
		past, err := kit.Engine.RecentEvents(t.Context(), beckon.Identity{UserID: user}, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		var item string
		for _, e := range past {
			v, _ := e.Metadata.Get("item")
			item += v.Text()
		}
		if item != want {
			t.Errorf("%s: the log has %q, want %q", user, item, want)
		}
	}
}
