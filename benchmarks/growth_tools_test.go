package benchmarks

import (
	"context"
	"encoding/json"
	"io"
	"strconv"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/gen"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/vet"
	"github.com/beckon-go/beckon/replay"
	"github.com/beckon-go/beckon/words"
)

// toolGrowths are of what people and tools read programs, and what happened, by.
func toolGrowths() []growth {
	return []growth{
		{"messages-in-words", 0, 0, growWords},
		{"conditions-in-words", upToThousand, 0, growWordsOfRule},
		{"segments-in-words", 0, 0, growWordsOfSegments},
		{"variables-in-words", upToThousand, 0, growWordsOfVariables},
		{"messages-compared", 0, 0, growDifference},
		{"caps-vetted", 0, 0, growVettedCaps},
		{"misspelt-names-vetted", 0, 0, growVettedNames},
		{"silenced-codes-vetted", 0, 0, growVettedCodes},
		{"events-generated", 0, 0, growGenerated},
		{"keys-generated", 0, 0, growGeneratedKeys},
		{"contacts-kept-replayed", 0, 0, growKeptContacts},
		{"events-kept-replayed", 0, 0, growKeptEvents},
	}
}

// growWords writes n messages in words.
func growWords(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		p.Messages[i].Audience = beckon.All(beckon.User("plan").In("pro", "team"), beckon.Did("go").AtLeast(2))
		p.Messages[i].Content.Body = "{{ user.name }} at {{ company.name }}"
	}
	return func() { said(tb, words.Program(p)) }
}

func said(tb testing.TB, text string) {
	if text == "" {
		tb.Fatal("there are no words")
	}
}

// growWordsOfRule writes a message with n conditions in words.
func growWordsOfRule(tb testing.TB, n int) func() {
	var list []beckon.Rule
	for i := range n {
		list = append(list, beckon.All(beckon.User("a"+strconv.Itoa(i)).Is("v"), beckon.Not(beckon.Company("c").Is(i))))
	}
	p := beckon.Program{Messages: growthMessages(1)}
	p.Messages[0].Audience = beckon.Any(list...)
	return func() { said(tb, words.Program(p)) }
}

// growWordsOfSegments writes n messages in words whose audience is a segment of ten others.
func growWordsOfSegments(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n), Segments: map[string]beckon.Rule{}}
	for i := range 10 {
		p.Segments["part"+strconv.Itoa(i)] = beckon.User("a" + strconv.Itoa(i)).Is("v")
	}
	for i := range n {
		var list []beckon.Rule
		for k := range 10 {
			list = append(list, beckon.Segment("part"+strconv.Itoa(k)))
		}
		p.Segments["s"+strconv.Itoa(i)] = beckon.Any(list...)
		p.Messages[i].Audience = beckon.Segment("s" + strconv.Itoa(i))
	}
	return func() { said(tb, words.Program(p)) }
}

// growWordsOfVariables writes a message with n variables in words.
func growWordsOfVariables(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(1)}
	for i := range n {
		p.Messages[0].Content.Body += "{{ user.a" + strconv.Itoa(i) + " }} "
	}
	return func() { said(tb, words.Program(p)) }
}

// growDifference compares n messages with the same in another order, each changed.
func growDifference(tb testing.TB, n int) func() {
	before, after := beckon.Program{Messages: growthMessages(n)}, beckon.Program{Messages: growthMessages(n)}
	for i := range after.Messages {
		after.Messages[i].Priority = 7
		if k := i ^ 1; k > i && k < n {
			after.Messages[i], after.Messages[k] = after.Messages[k], after.Messages[i]
		}
	}
	return func() {
		if len(words.Diff(before, after)) < n {
			tb.Fatal("some are missing")
		}
	}
}

// vetted looks for what is wrong in a program, and finds so many things.
func vetted(tb testing.TB, p beckon.Program, c *vet.Catalogue, ignore []string, want int) func() {
	text, err := json.Marshal(p)
	check(tb, err)
	n, err := ojson.ParseString(string(text), ojson.Limits{Bytes: len(text), Depth: ojson.MaxDepth, Nodes: len(text)})
	check(tb, err)
	var list ojson.Node
	for _, code := range ignore {
		list.Items = append(list.Items, ojson.Node{Kind: ojson.String, Text: code})
	}
	list.Kind = ojson.Array
	n.Members = append(n.Members, ojson.Member{Name: "vet_ignore", Value: list})
	return func() {
		if got := len(vet.Check(&n, c)); got != want {
			tb.Fatal(got)
		}
	}
}

// growVettedCaps vets n messages with a tag each, and a cap for each tag.
func growVettedCaps(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		tag := "t" + strconv.Itoa(i)
		p.Messages[i].Tags = []string{tag}
		p.Caps = append(p.Caps, beckon.Cap{ID: tag, Tag: tag, Max: 1, Within: beckon.Days(1)})
	}
	return vetted(tb, p, nil, nil, 0)
}

// growVettedNames vets n messages with a misspelt event and a misspelt attribute each,
// beside a catalogue that has them all.
func growVettedNames(tb testing.TB, n int) func() {
	p, c := beckon.Program{Messages: growthMessages(n)}, &vet.Catalogue{}
	for i := range p.Messages {
		m := &p.Messages[i]
		m.Trigger, m.Audience = beckon.On("evnt-"+strconv.Itoa(i)), beckon.User("attr-"+strconv.Itoa(i)).Is("v")
		c.Events = append(c.Events, vet.Event{Name: "event-" + strconv.Itoa(i)})
		c.Attributes = append(c.Attributes, "attribute-"+strconv.Itoa(i))
	}
	return vetted(tb, p, c, nil, 2*n)
}

// growVettedCodes vets n messages of a program that silences n codes.
func growVettedCodes(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n)}
	codes := make([]string, n)
	for i := range codes {
		codes[i] = vet.UnusedCap
		p.Messages[i].Audience = beckon.All(beckon.User("a").Is("1"), beckon.User("a").Is("2"))
	}
	return vetted(tb, p, nil, codes, n)
}

// growGenerated writes types of n declared events.
func growGenerated(tb testing.TB, n int) func() {
	p := beckon.Program{Events: map[string]beckon.EventDeclaration{}}
	for i := range n {
		p.Events["event-"+strconv.Itoa(i)] = beckon.EventDeclaration{Description: "An event.", Metadata: map[string]beckon.KeyDeclaration{
			"name": {Type: "string", Required: true}, "plan": {Type: "string", Values: []beckon.Value{beckon.String("free"), beckon.String("pro")}},
		}}
	}
	return generates(tb, p)
}

// growGeneratedKeys writes types of an event with n keys.
func growGeneratedKeys(tb testing.TB, n int) func() {
	keys := map[string]beckon.KeyDeclaration{}
	for i := range n {
		keys["key "+strconv.Itoa(i)] = beckon.KeyDeclaration{Type: "number"}
	}
	return generates(tb, beckon.Program{Events: map[string]beckon.EventDeclaration{"e": {Metadata: keys}}})
}

func generates(tb testing.TB, p beckon.Program) func() {
	return func() {
		events, err := gen.Declared(p)
		check(tb, err)
		check(tb, gen.Go(io.Discard, events, "events"))
		check(tb, gen.TypeScript(io.Discard, events))
	}
}

// growKeptContacts plays what a store has kept of n contacts.
func growKeptContacts(tb testing.TB, n int) func() {
	engine, kept := growthOver(tb, beckon.Program{Messages: growthMessages(1)})
	for i := range n {
		_, err := engine.Track(context.Background(), beckon.Event{Name: "go", UserID: "u" + strconv.Itoa(i)})
		check(tb, err)
	}
	return keptSteps(tb, kept, n)
}

// growKeptEvents plays what a store has kept of one contact with n events.
func growKeptEvents(tb testing.TB, n int) func() {
	engine, kept := growthOver(tb, beckon.Program{}, beckon.WithRecentEvents(n))
	for range n {
		_, err := engine.Track(context.Background(), beckon.Event{Name: "go", UserID: "u1"})
		check(tb, err)
	}
	return keptSteps(tb, kept, n)
}

func keptSteps(tb testing.TB, kept beckon.Store, least int) func() {
	return func() {
		steps := 0
		for _, err := range replay.Kept(context.Background(), kept, replay.Window{}) {
			check(tb, err)
			steps++
		}
		if steps < least {
			tb.Fatal("some are missing: ", steps)
		}
	}
}
