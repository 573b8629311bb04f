package consent

import (
	"reflect"
	"slices"
	"testing"

	"github.com/beckon-go/beckon/store"
)

// D11: a tag is refused on its channel only, and a channel that begins as another is not it.
func TestRefuses(t *testing.T) {
	p := &store.Profile{Unsubscribed: []string{"email:a", "email:ab", "push", "sms:x:y"}}
	p.Own().Choices = []store.Choice{{Of: "in", Yes: true}, {Of: "out"}}
	for _, c := range []struct {
		m    Message
		want bool
	}{
		{Message{Channel: store.Email}, false},
		{Message{Channel: store.Email, Tags: []string{"b", "ab"}}, true},
		{Message{Channel: store.Email, Tags: []string{"abc", ""}}, false},
		{Message{Channel: store.Push}, true},
		{Message{Channel: store.SMS, Tags: []string{"x"}}, false},
		{Message{Channel: store.SMS, Tags: []string{"x:y"}}, true},
		{Message{Channel: store.Chat, Tags: []string{"a"}}, false},
		{Message{Channel: store.Chat, Topic: "out"}, true},
		{Message{Channel: store.Chat, Topic: "in", OptIn: true}, false},
		{Message{Channel: store.Push, Topic: "in"}, true},
		{Message{Channel: store.Chat, Topic: "other"}, false},
		{Message{Channel: store.Chat, Topic: "other", OptIn: true}, true},
	} {
		if got := Refuses(p, c.m); got != c.want {
			t.Errorf("%+v: %t", c.m, got)
		}
	}
	if Refuses(nil, Message{Channel: store.Email, Topic: "x"}) || !Refuses(nil, Message{Topic: "x", OptIn: true}) {
		t.Error("of nobody known")
	}
}

// C6: of two contacts a no wins, and what is said again stays as it was said first.
func TestJoined(t *testing.T) {
	a := []store.Choice{{Of: "a", Yes: true, At: 1}, {Of: "b", At: 1}, {Of: "c", Yes: true, At: 1}}
	b := []store.Choice{{Of: "a", At: 2}, {Of: "b", Yes: true, At: 2}, {Of: "c", Yes: true, At: 2}, {Of: "d", Yes: true, At: 2}}
	want := []store.Choice{{Of: "a", At: 2}, {Of: "b", At: 1}, {Of: "c", Yes: true, At: 1}, {Of: "d", Yes: true, At: 2}}
	if got := Joined(a, b); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	p := new(store.Profile)
	for i, c := range []store.Choice{{Of: "a", Yes: true}, {Of: "a", Yes: true}, {Of: "a"}, {Of: "a"}} {
		c.At = int64(i)
		Set(p, c)
	}
	if got := Of(p, "a"); got == nil || got.Yes || got.At != 2 {
		t.Errorf("%+v", got)
	}
	if Unset(p, "b"); len(p.Rare.Choices) != 1 {
		t.Errorf("%+v", p.Rare)
	}
	if Unset(p, "a"); Of(p, "a") != nil {
		t.Errorf("%+v", p.Rare)
	}
	Unset(new(store.Profile), "a")
}

// D11: the list is searched by channel and tag as one text.
func TestUnsubscribed(t *testing.T) {
	list := []string{"email:a", "email:b:c", "emai", "email", "emailx:z", "push:", "push:b", "sms:x"}
	slices.Sort(list)
	for _, channel := range []store.Channel{store.Email, store.Push, store.SMS} {
		for _, tag := range []string{"", "a", "b", "c", "b:c", "x", "z", "aa"} {
			for drop := range list {
				p := &store.Profile{Unsubscribed: slices.Delete(slices.Clone(list), drop, drop+1)}
				want := slices.Contains(p.Unsubscribed, string(channel)) || slices.Contains(p.Unsubscribed, string(channel)+":"+tag)
				if got := unsubscribed(p, channel, []string{"none", tag}); got != want {
					t.Errorf("%s, %q of %q: got %v", channel, tag, p.Unsubscribed, got)
				}
			}
		}
	}
}
