package words_test

import (
	"fmt"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/words"
)

func ExampleRule() {
	fmt.Println(words.Rule(beckon.All(
		beckon.User("plan").In("pro", "team"),
		beckon.Did("uploaded-video").Where(beckon.Metadata("duration").GreaterThan(2)).Within(beckon.Days(7)).AtLeast(3),
		beckon.Not(beckon.Any(beckon.Segment("staff"), beckon.User("email").EndsWith("@example.com"))),
	)))
	// Output:
	// (the contact's plan is one of "pro", "team") and the contact did "uploaded-video" where (the event's duration is greater than 2) at least 3 times in the last 7 days and it is not true that (the contact is in the segment "staff" or the contact's email ends with "@example.com" (any letter case))
}

func ExampleOutline() {
	fmt.Println(words.Outline(beckon.All(
		beckon.User("plan").In("pro", "team"),
		beckon.Any(
			beckon.Did("uploaded-video").Within(beckon.Days(7)).AtLeast(3),
			beckon.Segment("power-users"),
		),
	)))
	// Output:
	// all of these are true:
	// - the contact's plan is one of "pro", "team"
	// - at least one of these is true:
	//   - the contact did "uploaded-video" at least 3 times in the last 7 days
	//   - the contact is in the segment "power-users"
}

func ExampleTrigger() {
	fmt.Println(words.Trigger(beckon.On("added-to-cart").Unless("checked-out", beckon.Hours(1), "cart_id")))
	fmt.Println(words.Trigger(beckon.OnDate("trial_ends_at", beckon.Days(-3)).At("09:00")))
	// Output:
	// each time the contact does "added-to-cart", unless "checked-out" follows within 1 hour with the same cart_id
	// 3 days before the contact's trial_ends_at at 09:00
}

func ExampleFrequency() {
	fmt.Println(words.Frequency(beckon.Message{Trigger: beckon.On("upload-complete"), Frequency: &beckon.Frequency{Every: beckon.Hours(1), Max: 3}}))
	fmt.Println(words.Frequency(beckon.Message{Trigger: beckon.On("upload-complete")}))
	fmt.Println(words.Frequency(beckon.Message{}))
	// Output:
	// at most once in 1 hour and at most 3 times in all
	// at most once in 1 minute
	// once
}

func ExampleSchedule() {
	fmt.Println(words.Schedule(beckon.Message{
		Trigger:  beckon.On("upload-complete"),
		Schedule: &beckon.Schedule{Windows: []beckon.Window{{Days: []beckon.Weekday{"sat"}, From: "22:00", To: "02:00"}}, Timezone: "Europe/Dublin", ContactTimezone: true, Outside: beckon.OutsideHold},
	}))
	// Output:
	// only on Saturday from 22:00 to 02:00 the next day in the contact's own time zone (without one in Europe/Dublin); outside of that it waits for the opening
}

func ExampleMessage() {
	fmt.Println(words.Message(beckon.Message{
		ID: "upload-ready", Channel: beckon.Banner, Status: beckon.Live, Trigger: beckon.On("upload-complete"),
		Audience: beckon.User("plan").IsNot("free"), Frequency: beckon.Every(beckon.Hours(1)),
		Content: beckon.Content{Body: "{{ event.file_name }} is ready."},
	}))
	// Output:
	// The message "upload-ready" goes out on the channel banner.
	// It is live.
	// It is sent each time the contact does "upload-complete".
	// It goes to contacts for whom the contact's plan is not "free" (also if unknown).
	// It reaches one contact at most once in 1 hour.
	// An event that came in over REST does not trigger it, unless the host allows that.
	// It fills in the event's file_name.
	// Its body is "{{ event.file_name }} is ready.".
}

func ExampleMessageOf() {
	fmt.Println(words.MessageOf(beckon.Program{
		Segments: map[string]beckon.Rule{"large": beckon.Company("employees").AtLeast(50)},
		Messages: []beckon.Message{{ID: "offer", Channel: beckon.Email, Status: beckon.Live, Audience: beckon.Segment("large"), Content: beckon.Content{Body: "An offer"}}},
	}, "offer"))
	// Output:
	// The message "offer" goes out on the channel email.
	// It is ongoing: on a sweep those who match get it, now and later.
	// It is live.
	// It goes to contacts for whom the contact is in the segment "large".
	// It reaches one contact once.
	// It uses company data: it goes out once for each company of the contact, and each is judged by itself; who has none is judged without a company.
	// Its body is "An offer".
}

func ExampleSeries() {
	did := beckon.Did("created-project").SinceEntry().AtLeast(1)
	fmt.Println(words.Series(beckon.Series{
		ID: "onboarding", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("signed-up")},
		Blocks: []beckon.Block{
			{ID: "settle", Wait: beckon.Days(1), Next: "started"},
			{ID: "started", Rule: &did, Within: beckon.Days(3), No: "nudge"},
			{ID: "nudge", Message: &beckon.Message{ID: "nudge", Channel: beckon.Email, Content: beckon.Content{Subject: "Shall we start?"}}},
		},
	}))
	// Output:
	// The series "onboarding" is live.
	// A walk begins each time the contact does "signed-up".
	// Entering is open to everyone.
	// Nobody enters twice.
	// A walk waits at a message for its hours, and passes by one that is held for another reason, such as its audience, a cap or a refusal.
	// Block "settle": wait 1 day; then go on to "started".
	// Block "started": wait until the contact did "created-project" at least once since entering the series, at most 3 days; if it is so, the walk ends; if the time is up, go on to "nudge".
	// Block "nudge": send the message "nudge"; then the walk ends.
	//   The message "nudge" goes out on the channel email.
	//   It goes out when a walk through the series reaches it.
	//   It goes to everyone.
	//   Its subject is "Shall we start?".
}

func ExampleProgram() {
	fmt.Println(words.Program(beckon.Program{
		Timezone: "Europe/Dublin",
		Caps:     []beckon.Cap{{ID: "push-per-day", Channel: beckon.Push, Max: 3, Within: beckon.Hours(24)}},
		Messages: []beckon.Message{{ID: "welcome", Status: beckon.Live, Audience: beckon.User("signed_up_at").LessThanAgo(beckon.Days(1))}},
	}))
	// Output:
	// Times and days are those of Europe/Dublin.
	//
	// The cap "push-per-day": at most 3 messages on the channel push for one contact in any 24 hours.
	//
	// The message "welcome" goes out on the channel chat.
	//   It is ongoing: on a visit those who match get it, now and later.
	//   It is live.
	//   It goes to contacts for whom the contact's signed_up_at is less than 1 day ago.
	//   It reaches one contact once.
}

func ExampleDiff() {
	before := beckon.Program{Messages: []beckon.Message{{ID: "welcome", Status: beckon.Live}, {ID: "tips"}}}
	after := beckon.Program{Messages: []beckon.Message{{ID: "tips"}, {ID: "welcome", Status: beckon.Live, Audience: beckon.User("plan").Is("pro")}}}
	for _, change := range words.Diff(before, after) {
		fmt.Println(change)
	}
	// Output:
	// messages[0] (tips): the message "tips" was at place 2, now at place 1
	// messages[1].audience (welcome): the audience was everyone, now contacts for whom the contact's plan is "pro"
}
