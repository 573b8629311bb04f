package beckon_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
)

// K2: a trigger is a fault; so is all that a message of the program could not be,
// with its path in the message, all at once. Nothing is sent or counted.
func TestSendToFaults(t *testing.T) {
	kit, u := composing(t)
	for want, change := range map[string]func(*beckon.Message){
		"trigger":      func(m *beckon.Message) { m.Trigger = beckon.On("e") },
		"frequency":    func(m *beckon.Message) { m.Frequency = &beckon.Frequency{Every: beckon.Hours(1)} },
		"goal":         func(m *beckon.Message) { m.Goal = &beckon.Goal{Rule: beckon.User("a").Is("b"), Within: beckon.Days(1)} },
		"mode":         func(m *beckon.Message) { m.Mode = beckon.Triggered },
		"id":           func(m *beckon.Message) { m.ID = "" },
		"channel":      func(m *beckon.Message) { m.Channel = "pigeon" },
		"content.body": func(m *beckon.Message) { m.Content.Body = "{{ event.a }}" },
		"audience":     func(m *beckon.Message) { m.Audience = beckon.Segment("none") },
		"schedule.office_hours": func(m *beckon.Message) {
			m.Schedule = &beckon.Schedule{OfficeHours: true}
		},
		"trigger goal content.body": func(m *beckon.Message) {
			m.Trigger, m.Goal, m.Content.Body = beckon.On("e"), &beckon.Goal{}, "{{"
		},
	} {
		m := note("faulty")
		change(&m)
		_, err := kit.Engine.SendTo(t.Context(), u, m)
		var list beckon.ErrorList
		if !errors.As(err, &list) {
			t.Errorf("%s: got %v", want, err)
			continue
		}
		var paths []string
		for _, f := range list {
			paths = append(paths, f.Path)
			if f.Code != beckon.ErrProgramInvalid || f.ID != m.ID {
				t.Errorf("%s: got %+v", want, f)
			}
		}
		if got := strings.Join(paths, " "); got != want && !strings.HasPrefix(got, want+".") {
			t.Errorf("got faults at %s, want %s", got, want)
		}
	}
	for _, mode := range []beckon.Mode{"", beckon.OneOff, beckon.Ongoing} {
		m := note("mode " + string(mode))
		m.Mode = mode
		kit.SendTo(u, m).WantSent(m.ID)
	}
	if n := kit.Totals("faulty").Judged; n != 0 {
		t.Errorf("%d judged", n)
	}
}

// K2, E1: the contact must be known, and one.
func TestSendToWhom(t *testing.T) {
	kit, u := composing(t)
	codes := func(who beckon.Identity, m beckon.Message) string {
		_, err := kit.Engine.SendTo(t.Context(), who, m)
		var list beckon.ErrorList
		errors.As(err, &list)
		var out []string
		for _, e := range list {
			out = append(out, string(e.Code))
		}
		return strings.Join(out, " ")
	}
	unknown := beckon.Identity{UserID: "nobody"}
	for range 2 { // it made nobody known
		if got := codes(unknown, note("hi")); got != "contact_unknown" {
			t.Errorf("unknown: got %s", got)
		}
	}
	if got := codes(beckon.Identity{}, note("hi")); got != "contact_missing" {
		t.Errorf("nobody: got %s", got)
	}
	if got := codes(beckon.Identity{}, beckon.Message{ID: "hi", Trigger: beckon.On("e")}); got != "program_invalid contact_missing" {
		t.Errorf("all at once: got %s", got)
	}
	kit.Update(beckon.Contact{Email: "u@b.example", AnonymousID: "x"})
	kit.Update(beckon.Contact{UserID: "u2", Email: "u@b.example"})
	if got := codes(beckon.Identity{Email: "u@b.example"}, note("hi")); got != "contact_ambiguous" {
		t.Errorf("shared: got %s", got)
	}
	// What was merged leads on; a deleted contact starts anew.
	kit.Visit(beckon.Visit{AnonymousID: "v"})
	kit.Merge(beckon.Identity{AnonymousID: "v"}, u)
	kit.SendTo(beckon.Identity{AnonymousID: "v"}, note("hi")).WantSent("hi")
	kit.SendTo(u, note("hi")).WantSent().WantHeld("hi", beckon.ReasonAlreadySent)
	kit.Delete(u)
	if got := codes(u, note("hi")); got != "contact_unknown" {
		t.Errorf("deleted: got %s", got)
	}
}
