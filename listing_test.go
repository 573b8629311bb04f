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
		ID: "z", Name: "Zebra", Mode: beckon.Triggered, Channel: beckon.Chat, Status: beckon.Live, LiveAt: live,
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
