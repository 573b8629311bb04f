package benchmarks

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
)

// documentGrowths are of what programs and events are read from, and of the parts of a
// message.
func documentGrowths() []growth {
	return []growth{
		{"program-as-json", 0, 0, growJSON},
		{"conditions-of-a-rule", upToThousand, 0, growConditions},
		{"values-of-a-list", upToThousand, 0, growList},
		{"variables-of-a-template", upToThousand, 0, growTemplate},
		{"data-of-a-message", 0, 0, growData},
		{"tags-of-a-message", 96, 0, growTags},
		{"windows-of-a-schedule", 0, 0, growWindows},
		{"keys-of-an-event", 0, 0, growKeys},
		{"nesting-of-an-event", 0, 0, growNesting},
	}
}

// growJSON reads a program and writes it.
func growJSON(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		p.Messages[i].Audience = beckon.All(beckon.User("plan").In("pro", "team"), beckon.Did("go").AtLeast(2))
	}
	return func() {
		text, err := json.Marshal(p)
		check(tb, err)
		_, err = beckon.ParseProgram(text)
		check(tb, err)
	}
}

// growConditions publishes a message with a rule of n conditions, and judges it.
func growConditions(tb testing.TB, n int) func() {
	var list []beckon.Rule
	for i := range n - 1 {
		list = append(list, beckon.User("a"+strconv.Itoa(i)).Is("v"))
	}
	p := beckon.Program{Messages: growthMessages(1)}
	p.Messages[0].Audience = beckon.Any(list...)
	return func() { growthTrack(tb, growthEngine(tb, p), 0) }
}

// growList publishes a message for contacts whose list has any of n values.
func growList(tb testing.TB, n int) func() {
	var list []string
	var values []any
	for i := range n {
		list, values = append(list, "value-"+strconv.Itoa(i)), append(values, "value-"+strconv.Itoa(i))
	}
	p := beckon.Program{Messages: growthMessages(1)}
	p.Messages[0].Audience = beckon.All(beckon.Not(beckon.User("name").In(values...)), beckon.User("list").ContainsAny(values...))
	contact := beckon.Contact{UserID: "u1", Name: "x", Attributes: beckon.Attributes{"list": beckon.List(list...)}}
	return func() {
		engine := growthEngine(tb, p)
		_, err := engine.Update(context.Background(), contact)
		check(tb, err)
		growthTrack(tb, engine, 1)
	}
}

func growTemplate(tb testing.TB, n int) func() {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<p title=\"{{ user.a%d }}\">", i)
	}
	p := beckon.Program{Messages: growthMessages(1)}
	p.Messages[0].Content = beckon.Content{Format: beckon.FormatHTML, Body: b.String()}
	return func() { growthTrack(tb, growthEngine(tb, p), 1) }
}

func growData(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(1)}
	p.Messages[0].Content.Data = map[string]string{}
	for i := range n {
		p.Messages[0].Content.Data["k"+strconv.Itoa(i)] = "v"
	}
	return func() { growthTrack(tb, growthEngine(tb, p), 1) }
}

// growTags sends messages of n tags to one who wants other tags less.
func growTags(tb testing.TB, n int) func() {
	p, contact := beckon.Program{Messages: growthMessages(20)}, beckon.Contact{UserID: "u1"}
	for i := range n {
		contact.Unsubscribed = append(contact.Unsubscribed, "email:no"+strconv.Itoa(i))
		for k := range p.Messages {
			p.Messages[k].Channel, p.Messages[k].Tags = beckon.Email, append(p.Messages[k].Tags, "tag"+strconv.Itoa(i))
		}
	}
	return func() {
		engine := growthEngine(tb, p)
		_, err := engine.Update(context.Background(), contact)
		check(tb, err)
		growthTrack(tb, engine, len(p.Messages))
	}
}

// growWindows has a message wait for the last of n windows.
func growWindows(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(1)}
	p.Messages[0].Schedule = &beckon.Schedule{Outside: beckon.OutsideHold}
	for i := range n {
		at := fmt.Sprintf("%02d:%02d", 12+i/60%11, i%60)
		p.Messages[0].Schedule.Windows = append(p.Messages[0].Schedule.Windows, beckon.Window{From: beckon.TimeOfDay(at), To: "23:30"})
	}
	return func() { growthTrack(tb, growthEngine(tb, p), 0) }
}

// growKeys posts an event of n keys; few of them count.
func growKeys(tb testing.TB, n int) func() {
	engine := growthEngine(tb, beckon.Program{Messages: growthMessages(1)})
	var b strings.Builder
	b.WriteString(`{"event_name":"go","user_id":"u1","created_at":1767225600,"metadata":{"k":1`)
	for i := range n {
		fmt.Fprintf(&b, `,"key-%d":%d`, i, i)
	}
	b.WriteString("}}")
	return func() {
		_, err := engine.TrackJSON(context.Background(), strings.NewReader(b.String()))
		check(tb, err)
	}
}

// growNesting posts an event with n values in one another, as deep as they may be.
func growNesting(tb testing.TB, n int) func() {
	engine := growthEngine(tb, beckon.Program{Messages: growthMessages(1)})
	deep := strings.Repeat("[", 50) + strings.Repeat("]", 50)
	body := `{"event_name":"go","user_id":"u1","created_at":1767225600,"other":[` + strings.Repeat(deep+",", n/4) + `1]}`
	return func() {
		_, err := engine.TrackJSON(context.Background(), strings.NewReader(body))
		check(tb, err)
	}
}
