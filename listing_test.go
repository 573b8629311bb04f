package beckon_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
)

func listed(list []beckon.ListedMessage) (ids []string) {
	for _, m := range list {
		ids = append(ids, m.ID)
	}
	return ids
}

// D13: the program's order, whatever is judged first; no message of a series; the
// status in effect; since when; totals.
func TestMessages(t *testing.T) {
	live := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	body := beckon.Content{Body: "x"}
	program := beckon.Program{
		Messages: []beckon.Message{
			{ID: "z", Name: "Zebra", Status: beckon.Live, LiveAt: live, Trigger: beckon.On("e"), Content: body},
			{ID: "a", Status: beckon.Live, Channel: beckon.Email, Priority: 9, Content: body},
			{ID: "m", Mode: beckon.OneOff, Channel: beckon.Email, Content: body},
			{ID: "k", Status: beckon.Paused, Channel: beckon.Custom("kiosk"), LiveAt: live, Content: body},
			{ID: "s", Status: beckon.Stopped, Content: body},
		},
		Series: []beckon.Series{{ID: "walk", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("go")}, Blocks: []beckon.Block{{ID: "b", Message: &beckon.Message{ID: "of-series", Status: beckon.Live, Content: body}}}}},
	}
	kit := beckontest.New(t, program)
	kit.At(noon)
	kit.Publish(program)
	kit.Track(beckon.Event{Name: "e", UserID: "u"})
	kit.Track(beckon.Event{Name: "e", UserID: "u"})

	all := kit.Messages(beckon.MessageFilter{})
	if got := listed(all); !slices.Equal(got, []string{"z", "a", "m", "k", "s"}) {
		t.Errorf("got %q", got)
	}
	want := beckon.ListedMessage{
		ID: "z", Name: "Zebra", Mode: beckon.Triggered, Channel: beckon.Chat, Status: beckon.Live, LiveAt: live, LastSent: noon,
		Totals: beckon.Totals{Judged: 2, Sent: 1, Held: map[beckon.Reason]int64{beckon.ReasonThrottled: 1}},
	}
	if !cmp.Equal(all[0], want) {
		t.Error(cmp.Diff(want, all[0]))
	}
	for i, status := range []beckon.Status{beckon.Live, beckon.Live, beckon.Draft, beckon.Paused, beckon.Stopped} {
		if all[i].Status != status {
			t.Errorf("%s is %s", all[i].ID, all[i].Status)
		}
	}
	if !all[2].LiveAt.IsZero() || all[3].LiveAt != live || all[1].LiveAt.IsZero() {
		t.Errorf("since %v, %v, %v", all[1].LiveAt, all[2].LiveAt, all[3].LiveAt)
	}

	for _, c := range []struct {
		which beckon.MessageFilter
		want  []string
	}{
		{beckon.MessageFilter{Mode: beckon.Ongoing}, []string{"a", "k", "s"}},
		{beckon.MessageFilter{Mode: beckon.OneOff}, []string{"m"}},
		{beckon.MessageFilter{Mode: beckon.Triggered}, []string{"z"}},
		{beckon.MessageFilter{Channel: beckon.Chat}, []string{"z", "s"}},
		{beckon.MessageFilter{Channel: beckon.Custom("kiosk")}, []string{"k"}},
		{beckon.MessageFilter{Status: beckon.Live}, []string{"z", "a"}},
		{beckon.MessageFilter{Status: beckon.Draft}, []string{"m"}},
		{beckon.MessageFilter{Mode: beckon.Ongoing, Channel: beckon.Email, Status: beckon.Live}, []string{"a"}},
		{beckon.MessageFilter{Mode: beckon.OneOff, Status: beckon.Live}, nil},
		{beckon.MessageFilter{Channel: "nope"}, nil},
		{beckon.MessageFilter{Limit: 2}, []string{"z", "a"}},
		{beckon.MessageFilter{Limit: 2, After: "a"}, []string{"m", "k"}},
		{beckon.MessageFilter{Limit: 2, After: "k"}, []string{"s"}},
		{beckon.MessageFilter{After: "s"}, nil},
		{beckon.MessageFilter{After: "of-series"}, nil},
		{beckon.MessageFilter{Limit: 1, Mode: beckon.Ongoing, After: "a"}, []string{"k"}},
		{beckon.MessageFilter{Limit: -1, Mode: beckon.Ongoing}, []string{"a", "k", "s"}},
		{beckon.MessageFilter{ID: "m"}, []string{"m"}},
		{beckon.MessageFilter{ID: "m", Mode: beckon.Ongoing}, nil},
		{beckon.MessageFilter{ID: "m", After: "k"}, nil},
		{beckon.MessageFilter{ID: "of-series"}, nil},
	} {
		if got := listed(kit.Messages(c.which)); !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %q, want %q", c.which, got, c.want)
		}
	}
}

// D13, D7: a pause or a stop outranks the program, also the next one; what resumes is
// as the program says.
func TestMessagesInEffect(t *testing.T) {
	program := beckon.Program{Messages: liveMessages(3)}
	kit := beckontest.New(t, program)
	ids := listed(kit.Messages(beckon.MessageFilter{}))
	kit.Pause(ids[0])
	kit.Stop(ids[1])
	statuses := func() string {
		var s []beckon.Status
		for _, m := range kit.Messages(beckon.MessageFilter{}) {
			s = append(s, m.Status)
		}
		return fmt.Sprint(s)
	}
	if got := statuses(); got != "[paused stopped live]" {
		t.Error(got)
	}
	if got := kit.Messages(beckon.MessageFilter{Status: beckon.Live}); len(got) != 1 || got[0].ID != ids[2] {
		t.Errorf("live: %+v", got)
	}
	kit.Publish(program)
	if got := statuses(); got != "[paused stopped live]" {
		t.Error(got)
	}
	kit.Resume(ids[0])
	program.Messages[2].Status = beckon.Draft
	kit.Publish(program)
	if got := statuses(); got != "[live stopped draft]" {
		t.Error(got)
	}
}

// D13: nothing was published, nothing is listed; another engine's pause shows after
// Refresh.
func TestMessagesOfTwoEngines(t *testing.T) {
	shared := memstore.New()
	one, err := beckon.New(shared)
	if err != nil {
		t.Fatal(err)
	}
	other, err := beckon.New(shared)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := other.Messages(t.Context(), beckon.MessageFilter{}); err != nil || list == nil || len(list) != 0 {
		t.Errorf("before the first program: %+v, %v", list, err)
	}
	program := beckon.Program{Messages: liveMessages(1)}
	for _, e := range []*beckon.Engine{one, other} {
		if err := e.Publish(t.Context(), program); err != nil {
			t.Fatal(err)
		}
	}
	if err := one.Pause(t.Context(), program.Messages[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := other.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list, err := other.Messages(t.Context(), beckon.MessageFilter{Status: beckon.Paused}); err != nil || len(list) != 1 {
		t.Errorf("after Refresh: %+v, %v", list, err)
	}
}

// D13: last sent is the latest send over all contacts; a control group and a hold do
// not count. Given back (F4), it stays while another send stands, and goes with the
// last one. A clock that was set back shows no send in the future (F6).
func TestMessagesLastSent(t *testing.T) {
	body := beckon.Content{Body: "x"}
	program := beckon.Program{Messages: []beckon.Message{
		{ID: "m", Status: beckon.Live, Trigger: beckon.On("e"), Content: body},
		{ID: "none", Status: beckon.Live, Trigger: beckon.On("e"), Control: 1, Content: body},
	}}
	kit := beckontest.New(t, program)
	last := func(want ...time.Time) {
		t.Helper()
		for i, l := range kit.Messages(beckon.MessageFilter{}) {
			if !l.LastSent.Equal(want[i]) {
				t.Errorf("%s was last sent %v, want %v", l.ID, l.LastSent, want[i])
			}
		}
	}
	track := func(who string) beckon.Delivery {
		t.Helper()
		return kit.Track(beckon.Event{Name: "e", UserID: who}).Deliveries[0]
	}
	var never time.Time
	last(never, never)
	kit.At(noon.Add(time.Second + 7*time.Millisecond))
	first := track("u1")
	last(noon.Add(time.Second+7*time.Millisecond), never)
	kit.At(noon.Add(2 * time.Second))
	kit.Track(beckon.Event{Name: "e", UserID: "u1"}).Want("m", "throttled")
	last(noon.Add(time.Second+7*time.Millisecond), never)
	kit.At(noon.Add(time.Hour))
	second := track("u2")
	last(noon.Add(time.Hour), never)
	kit.At(noon.Add(time.Minute)) // set back
	last(noon.Add(time.Minute), never)
	third := track("u3")
	kit.At(noon.Add(2 * time.Hour))
	last(noon.Add(time.Hour), never)

	if err := kit.Engine.Release(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	last(noon.Add(time.Hour), never)
	for _, d := range []beckon.Delivery{first, third} {
		if err := kit.Engine.Release(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	last(never, never)
}

// D13: filtered by when it went live, when it was last sent, and by counts.
func TestMessagesFilteredByTotals(t *testing.T) {
	body := beckon.Content{Body: "x"}
	at := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	live := func(id string, since time.Time) beckon.Message {
		return beckon.Message{ID: id, Status: beckon.Live, LiveAt: since, Trigger: beckon.On(id), Content: body}
	}
	program := beckon.Program{Messages: []beckon.Message{
		live("a", at(0)), live("b", at(1)), live("c", at(2)), live("d", at(0)), {ID: "draft", Trigger: beckon.On("draft"), Content: body},
	}}
	program.Messages[3].Control = 1
	kit := beckontest.New(t, program)
	kit.At(at(0))
	kit.Publish(program)
	for i, id := range []string{"a", "b", "c", "c", "d"} {
		kit.At(at(3 + i))
		kit.Track(beckon.Event{Name: id, UserID: "u"})
		kit.Track(beckon.Event{Name: id, UserID: "u"})
	}
	held := func(reason beckon.Reason, n int64) beckon.Totals {
		return beckon.Totals{Held: map[beckon.Reason]int64{reason: n}}
	}
	type filter = beckon.MessageFilter
	for _, c := range []struct {
		which filter
		want  []string
	}{
		{filter{LiveFrom: at(1)}, []string{"b", "c"}},
		{filter{LiveBefore: at(1)}, []string{"a", "d"}},
		{filter{LiveFrom: at(1), LiveBefore: at(2)}, []string{"b"}},
		{filter{SentFrom: at(4)}, []string{"b", "c"}},
		{filter{SentFrom: at(4).Add(1)}, []string{"c"}},
		{filter{SentBefore: at(4)}, []string{"a", "d", "draft"}},
		{filter{SentBefore: at(4).Add(1)}, []string{"a", "b", "d", "draft"}},
		{filter{SentFrom: at(3), SentBefore: at(6)}, []string{"a", "b"}},
		{filter{AtLeast: beckon.Totals{Sent: 1}}, []string{"a", "b", "c"}},
		{filter{AtLeast: beckon.Totals{Sent: 2}}, []string{"c"}},
		{filter{Fewer: beckon.Totals{Sent: 1}}, []string{"d", "draft"}},
		{filter{AtLeast: beckon.Totals{Sent: 1}, Fewer: beckon.Totals{Sent: 2}}, []string{"a", "b"}},
		{filter{AtLeast: beckon.Totals{Judged: 4}}, []string{"c"}},
		{filter{AtLeast: beckon.Totals{Control: 1}}, []string{"d"}},
		{filter{AtLeast: beckon.Totals{Converted: 1}}, nil},
		{filter{AtLeast: beckon.Totals{ControlConverted: 1}}, nil},
		{filter{AtLeast: beckon.Totals{Followed: 1}}, nil},
		{filter{AtLeast: beckon.Totals{GivenUp: 1}}, nil},
		{filter{AtLeast: held(beckon.ReasonThrottled, 1)}, []string{"a", "b", "c", "d"}},
		{filter{AtLeast: held(beckon.ReasonThrottled, 2)}, []string{"c"}},
		{filter{Fewer: held(beckon.ReasonThrottled, 1)}, []string{"draft"}},
		{filter{Fewer: held(beckon.ReasonControl, 1), AtLeast: held(beckon.ReasonThrottled, 0)}, []string{"a", "b", "c", "draft"}},
	} {
		if got := listed(kit.Messages(c.which)); !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %q, want %q", c.which, got, c.want)
		}
	}
}
