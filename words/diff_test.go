package words_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/words"
)

func documentOf(t interface{ Fatal(...any) }, p beckon.Program) string {
	doc, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

// Two programs differ exactly if their documents do, whatever they are.
func TestDiffIsEmptyExactlyIfTheDocumentsAreEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := samplePrograms(false).Draw(t, "before")
		after := samplePrograms(false).Draw(t, "after")
		if documentOf(t, before) != documentOf(t, after) && len(words.Diff(before, after)) == 0 {
			t.Fatal("two programs that differ have no difference")
		}
		for _, p := range []beckon.Program{before, after} {
			if changes := words.Diff(p, p); len(changes) > 0 {
				t.Fatalf("a program differs from itself: %v", changes)
			}
			_ = words.Program(p)
		}
	})
}

// Whatever member is changed: the change is told with a path that leads to it, and nothing is
// told of what lies elsewhere.
func TestDiffTellsEachMember(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := samplePrograms(rapid.Bool().Draw(t, "full")).Draw(t, "before")
		identify(&before)
		after := cloned(reflect.ValueOf(before)).Interface().(beckon.Program)
		list := slots(reflect.ValueOf(&after).Elem(), "")
		s := list[rapid.IntRange(0, len(list)-1).Draw(t, "slot")]
		fresh := reflect.New(s.v.Type()).Elem()
		fill(t, fresh, 1, false)
		s.v.Set(fresh)
		if documentOf(t, before) == documentOf(t, after) {
			return
		}
		found := false
		for _, c := range words.Diff(before, after) {
			found = found || strings.HasPrefix(c.Path, s.path) || strings.HasPrefix(s.path, c.Path)
			place, _, _ := strings.Cut(s.path, ".")
			if !strings.HasPrefix(c.Path, place) && !strings.HasPrefix(place, c.Path) {
				t.Fatalf("%s was changed, and %s is told", s.path, c)
			}
			if c.Text == "" || c.Before == "" && c.Kind != words.Added || c.After == "" && c.Kind != words.Removed || c.Kind == words.Changed && c.Before == c.After || strings.Contains(c.Text, "\n") {
				t.Fatalf("%s was changed: %+v", s.path, c)
			}
		}
		if !found {
			t.Fatalf("%s was changed, and not told: %v", s.path, words.Diff(before, after))
		}
	})
}

// identify makes the ids in a program unique.
func identify(p *beckon.Program) {
	for i := range p.Messages {
		p.Messages[i].ID = fmt.Sprint("m", i)
	}
	for i := range p.Caps {
		p.Caps[i].ID = fmt.Sprint("c", i)
	}
	for i := range p.Topics {
		p.Topics[i].ID = fmt.Sprint("t", i)
	}
	for i := range p.Series {
		p.Series[i].ID = fmt.Sprint("s", i)
		for j := range p.Series[i].Blocks {
			p.Series[i].Blocks[j].ID = fmt.Sprint("b", j)
		}
	}
}

func parsed(t *testing.T, doc string) (p beckon.Program) {
	t.Helper()
	if err := json.Unmarshal([]byte(doc), &p); err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	return p
}

// Each kind of change, in the words in which it is told.
func TestDiff(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("one two three ", 40)
	for _, c := range []struct {
		before, after string
		want          []string
	}{
		{`{}`, `{}`, nil},
		{`{"messages":[{"id":"a"}]}`, `{"messages":[{"id":"a"}]}`, nil},
		{
			`{"messages":[{"id":"x"},{"id":"y"},{"id":"welcome"}]}`, `{"messages":[{"id":"x"},{"id":"y"},{"id":"welcome","audience":{"user":"plan","op":"is","value":"pro"}}]}`,
			[]string{`messages[2].audience (welcome): the audience was everyone, now contacts for whom the contact's plan is "pro"`},
		},
		{ // moved, and changed
			`{"messages":[{"id":"a"},{"id":"b"},{"id":"c"},{"id":"d"}]}`, `{"messages":[{"id":"d","status":"live"},{"id":"a"},{"id":"b"},{"id":"c"}]}`,
			[]string{`messages[0] (d): the message "d" was at place 4, now at place 1`, `messages[0].status (d): the status was a draft, now live`},
		},
		{ // what is added or removed before others moves nothing
			`{"messages":[{"id":"a"},{"id":"b"},{"id":"c"}]}`, `{"messages":[{"id":"n","channel":"push"},{"id":"b"},{"id":"c"}]}`,
			[]string{
				`messages[0] (n): the message "n" is new: The message "n" goes out on the channel push. It is ongoing: on a sweep those who match get it, now and later. It is a draft. It goes to everyone. It reaches one contact once.`,
				`messages[0] (a): the message "a" is gone: The message "a" goes out on the channel chat. It is ongoing: on a visit those who match get it, now and later. It is a draft. It goes to everyone. It reaches one contact once.`,
			},
		},
		{ // what follows from company data
			`{"messages":[{"id":"m","channel":"email","content":{"body":"x"}}]}`, `{"messages":[{"id":"m","channel":"email","content":{"body":"{{ company.name }}"}}]}`,
			[]string{
				`messages[0] (m): what follows from company data was nothing special, now it uses company data: it goes out once for each company of the contact, and each is judged by itself; who has none is judged without a company`,
				`messages[0] (m): what is filled in was nothing special, now it fills in the company's name`,
				`messages[0].content.body (m): the body was "x", now "{{ company.name }}"`,
			},
		},
		{ // what follows from it
			`{"messages":[{"id":"a","trigger":{"event":"e"}}]}`, `{"messages":[{"id":"a"}]}`,
			[]string{
				`messages[0].mode (a): the mode was triggered, now ongoing: on a visit those who match get it, now and later`,
				`messages[0].trigger (a): the trigger was each time the contact does "e", now none`,
				`messages[0].frequency (a): the frequency was at most once in 1 minute, now once`,
			},
		},
		{ // a default that is written out
			`{"messages":[{"id":"a"}]}`, `{"messages":[{"id":"a","channel":"chat"}]}`,
			[]string{`messages[0].channel (a): the channel says the same, and was left out, now written as "chat"`},
		},
		{`{"messages":[{"id":"a"}]}`, `{"messages":[{"id":"a","tags":[]}]}`, []string{`messages[0].tags (a): the tags say the same, and were left out, now written as []`}},
		{
			`{"caps":[{"id":"c","max":3,"within":"24h"}],"timezone":"Europe/Dublin"}`, `{"caps":[{"id":"c","max":2,"within":"24h"}]}`,
			[]string{
				`timezone: the time zone was Europe/Dublin, now UTC`,
				`caps[0] (c): the cap "c" was at most 3 messages for one contact in any 24 hours, now at most 2 messages for one contact in any 24 hours`,
			},
		},
		{
			`{"segments":{"a b":{"segment":"x"},"x":{"all":[]},"old":{"all":[]}}}`, `{"segments":{"a b":{"segment":"y"},"x":{"all":[]},"y":{"all":[]}}}`,
			[]string{
				`segments["a b"] (a b): the segment "a b" was contacts for whom the contact is in the segment "x", now contacts for whom the contact is in the segment "y"`,
				`segments.y (y): the segment "y" is new: contacts for whom always true`,
				`segments.old (old): the segment "old" is gone: contacts for whom always true`,
			},
		},
		{
			`{"series":[{"id":"s","blocks":[{"id":"a","wait":"1d","next":"m"},{"id":"m","message":{"id":"nudge","channel":"email"}}]}]}`,
			`{"series":[{"id":"s","blocks":[{"id":"a","wait":"2d","next":"m"},{"id":"m","message":{"id":"nudge","channel":"push"},"next":"a"}]}]}`,
			[]string{
				`series[0].blocks[0].wait (s): the wait of the block "a" was 1 day, now 2 days`,
				`series[0].blocks[1].next (s): what comes after the block "m" was the end of the walk, now the block "a"`,
				`series[0].blocks[1].message.channel (nudge): the channel was email, now push`,
			},
		},
		{
			`{"series":[{"id":"s","blocks":[{"id":"a","wait":"1d"}]}]}`, `{"series":[{"id":"s","exit":{"segment":"x"},"blocks":[{"id":"a","message":{"id":"m"}}]}]}`,
			[]string{
				`series[0].exit (s): the exit rule was none, now the contact is in the segment "x"`,
				`series[0].blocks[0].wait (s): the wait of the block "a" was 1 day, now none`,
				`series[0].blocks[0].message (m): the message of the block "a" was none, now The message "m" goes out on the channel chat. It goes out when a walk through the series reaches it. It goes to everyone.`,
			},
		},
		{
			`{"events":{"purchased":{"metadata":{"price":{"type":"number"},"old":{}}}}}`, `{"events":{"purchased":{"metadata":{"price":{"type":"monetary","required":true}},"others":"warn"}}}`,
			[]string{
				`events.purchased.metadata.price (purchased): the key "price" was a number (may be left out), now money (required)`,
				`events.purchased.metadata.old (purchased): the key "old" is gone: of any type (may be left out)`,
				`events.purchased.others (purchased): other keys were accepted, now accepted with a warning`,
			},
		},
		{ // of long texts, where they differ
			`{"messages":[{"id":"a","content":{"body":"` + long + `Hello` + long + `","data":{"x":"1"}}}]}`, `{"messages":[{"id":"a","content":{"body":"` + long + `Hi` + long + `","data":{"x":"2","y":"3"}}}]}`,
			[]string{
				`messages[0].content.body (a): the body was … " one two three one two three Helloone two three one two three on" …, now … " one two three one two three Hione two three one two three on" …`,
				`messages[0].content.data.x (a): the template "x" was "1", now "2"`,
				`messages[0].content.data.y (a): the template "y" is new: "3"`,
			},
		},
		{ // blocks, with what their messages say; what is gone in its order
			`{"series":[{"id":"s","blocks":[{"id":"a","exit":true},{"id":"b","exit":true},{"id":"c","exit":true},{"id":"d","exit":true},{"id":"e","exit":true}]}]}`,
			`{"series":[{"id":"s","blocks":[{"id":"n","message":{"id":"m","channel":"sms"},"next":"n"}]}]}`,
			[]string{
				`series[0].blocks[0] (s): the block "n" is new: Block "n": send the message "m"; then go on to "n". The message "m" goes out on the channel sms. It goes out when a walk through the series reaches it. It goes to everyone.`,
				`series[0].blocks[0] (s): the block "a" is gone: Block "a": the walk ends.`,
				`series[0].blocks[1] (s): the block "b" is gone: Block "b": the walk ends.`,
				`series[0].blocks[2] (s): the block "c" is gone: Block "c": the walk ends.`,
				`series[0].blocks[3] (s): the block "d" is gone: Block "d": the walk ends.`,
				`series[0].blocks[4] (s): the block "e" is gone: Block "e": the walk ends.`,
			},
		},
		{ // a series
			`{}`, `{"series":[{"id":"s","blocks":[{"id":"n","exit":true}]}]}`,
			[]string{`series[0] (s): the series "s" is new: The series "s" is a draft. A walk begins when a contact comes to match. Who matches already when the series is first published enters on the next occasion. Entering is open to everyone. Nobody enters twice. Block "n": the walk ends.`},
		},
		{ // or where they begin
			`{"messages":[{"id":"a","content":{"subject":"` + long + `"}}]}`, `{"messages":[{"id":"a","content":{"body":"` + strings.Repeat("é", 200) + `"}}]}`,
			[]string{
				`messages[0].content.subject (a): the subject was "` + long[:300] + `" … (560 characters), now none`,
				`messages[0].content.body (a): the body was none, now "` + strings.Repeat("é", 150) + `" … (200 characters)`,
			},
		},
		{
			`{"messages":[{"id":"a","content":{"body":"Hi"}}]}`, `{"messages":[{"id":"a","content":{"body":"Hi` + strings.Repeat("é", 200) + `"}}]}`,
			[]string{`messages[0].content.body (a): the body was "Hi", now "Hi` + strings.Repeat("é", 149) + `" … (51 characters more)`},
		},
		{ // and of long lists
			`{"messages":[{"id":"a","trigger":{"event":"x","unless":{"event":"` + strings.Repeat("e", 300) + `","within":"1h"}}}]}`,
			`{"messages":[{"id":"a","trigger":{"event":"x","unless":[{"event":"` + strings.Repeat("e", 300) + `","within":"1h"}]}}]}`,
			[]string{`messages[0].trigger (a): the trigger says the same, and was ` + strconv.Quote(`{"event":"x","unless":{"event":"`+strings.Repeat("e", 268)) + ` … (49 characters more), now ` +
				strconv.Quote(`{"event":"x","unless":[{"event":"`+strings.Repeat("e", 267)) + ` … (51 characters more)`},
		},
		{ // of a value that a document cannot hold nothing is said
			`{"control":0.5}`, `{}`,
			[]string{`control: the control group of the program was 50% of contacts, now 0% of contacts`},
		},
	} {
		var got []string
		for _, change := range words.Diff(parsed(t, c.before), parsed(t, c.after)) {
			got = append(got, change.String())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s\n%s\n%s", c.before, c.after, diff)
		}
	}
}

// Programs that have no document differ by what they say.
func TestDiffWithoutDocuments(t *testing.T) {
	t.Parallel()
	program := func(v any, tag string) beckon.Program {
		return beckon.Program{Messages: []beckon.Message{{ID: "a", Control: math.NaN(), Audience: beckon.User("x").Is(v), Tags: []string{tag}}}}
	}
	if got := words.Diff(program(nil, "t"), program(nil, "t")); len(got) > 0 {
		t.Error(got)
	}
	got := words.Diff(program(nil, "t"), program(1, "u"))
	if len(got) != 2 || got[0].Path != "messages[0].audience" || got[1].Path != "messages[0].tags" {
		t.Error(got)
	}
}
