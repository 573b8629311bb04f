package conformance

import (
	"time"

	"github.com/beckon-go/beckon"
)

// noon is where clocks of tests begin.
func noon() time.Time { return time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC) }

// programs are what the random operations publish by turns: something of
// everything that leaves a trace in a store. The second has other caps, other
// counters, which are built from the log of events, and a message that is gone;
// the third is small.
func programs() []beckon.Program {
	long := noon().Add(-30 * 24 * time.Hour)
	body := func(s string) beckon.Content {
		return beckon.Content{Subject: "{{ user.name | fallback: 'you' }}", Body: s}
	}
	live := func(m beckon.Message) beckon.Message {
		m.Status, m.LiveAt = beckon.Live, long
		if m.Content.Body == "" {
			m.Content = body("hello")
		}
		return m
	}
	every := func(d beckon.Duration, most int) *beckon.Frequency { return &beckon.Frequency{Every: d, Max: most} }
	walk := beckon.Message{ID: "walk-1", Channel: beckon.Email, Content: body("one")}
	messages := []beckon.Message{
		live(beckon.Message{ID: "upload", Channel: beckon.Banner, Trigger: beckon.On("upload").Where(beckon.Metadata("size").GreaterThan(3)), Frequency: every(beckon.Hours(1), 0), Tags: []string{"t"}}),
		live(beckon.Message{ID: "third", Channel: beckon.Email, Trigger: beckon.On("upload"), Audience: beckon.Did("upload").AtLeast(2), Frequency: every(beckon.Seconds(0), 5), Priority: 3}),
		live(beckon.Message{ID: "often", Channel: beckon.Push, Trigger: beckon.On("play"), Audience: beckon.Did("play").Within(beckon.Days(1)).AtMost(6), Frequency: every(beckon.Minutes(10), 0), Tags: []string{"t"}, Goal: &beckon.Goal{Rule: beckon.Did("pay").AtLeast(1), Within: beckon.Days(2)}, Control: 0.3}),
		live(beckon.Message{ID: "cart", Channel: beckon.Email, Trigger: beckon.On("cart").Unless("pay", beckon.Hours(1), "item"), Frequency: every(beckon.Seconds(0), 0), Content: body("{{ event.item }}")}),
		live(beckon.Message{ID: "morning", Channel: beckon.SMS, Trigger: beckon.On("play"), Frequency: every(beckon.Days(1), 0), Schedule: &beckon.Schedule{Windows: []beckon.Window{{From: "08:00", To: "10:00"}}, Outside: beckon.OutsideHold}}),
		live(beckon.Message{ID: "news", Channel: beckon.Email, Mode: beckon.Ongoing, Audience: beckon.User("plan").Is("pro")}),
		live(beckon.Message{ID: "company", Channel: beckon.Push, Mode: beckon.Ongoing, Content: body("{{ company.name }}")}),
		live(beckon.Message{ID: "trial", Channel: beckon.Email, Trigger: beckon.OnDate("trial_ends_at", beckon.Days(-3))}),
		live(beckon.Message{ID: "launch", Channel: beckon.Email, Mode: beckon.OneOff, Audience: beckon.Any(beckon.User("plan").Is("pro"), beckon.Did("play").AtLeast(3))}),
		live(beckon.Message{ID: "tip", Channel: beckon.Banner, Mode: beckon.Ongoing, Audience: beckon.Did("upload").Last().LessThanAgo(beckon.Days(3)), Content: body("tip")}),
	}
	series := []beckon.Series{{
		ID: "steps", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("upload")}, Exit: beckon.Did("pay").AtLeast(3), Reenter: true,
		Blocks: []beckon.Block{
			{ID: "wait", Wait: beckon.Hours(2), Next: "one"},
			{ID: "one", Message: &walk, Next: "mark"},
			{ID: "mark", Update: &beckon.Update{Attributes: beckon.Attributes{"walked": beckon.Bool(true)}}},
		},
	}}
	second := append([]beckon.Message{}, messages[1:]...)
	second[0].Frequency = every(beckon.Minutes(1), 0)
	second[1].Audience = beckon.Did("play").Where(beckon.Metadata("size").AtLeast(5)).Within(beckon.Days(3)).AtMost(2)
	second = append(second, live(beckon.Message{ID: "launch-2", Channel: beckon.Email, Mode: beckon.OneOff}))
	return []beckon.Program{
		{Messages: messages, Series: series, Caps: []beckon.Cap{{ID: "all", Max: 6, Within: beckon.Days(1)}, {ID: "t", Tag: "t", Max: 2, Within: beckon.Hours(1)}}, Segments: map[string]beckon.Rule{"pros": beckon.User("plan").Is("pro")}},
		{Messages: second, Series: series, Caps: []beckon.Cap{{ID: "email", Channel: beckon.Email, Max: 4, Within: beckon.Days(2)}}, Timezone: "Europe/Berlin"},
		{Messages: messages[:3]},
	}
}
