package words_test

import (
	"encoding/json"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/words"
)

// What messages say, sentence by sentence.
func TestMessages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ facts, message, want string }{
		{"D1, D2, D3", `{"id":"m"}`, `The message "m" goes out on the channel chat.
It is ongoing: on a visit those who match get it, now and later.
It is a draft.
It goes to everyone.
It reaches one contact once.`},
		{"D1, D2, D3", `{"id":"m","name":"M","channel":"email","status":"paused"}`, `The message "m", called "M", goes out on the channel email.
It is ongoing: on a sweep those who match get it, now and later.
It is paused.
It goes to everyone.
It reaches one contact once.`},
		{"D5", `{"id":"m","channel":"custom:my app","mode":"one_off","status":"stopped"}`, `The message "m" goes out on the channel "custom:my app".
It is a one-off: those who match when it is sent get it.
It is stopped, for good.
It goes to everyone.
It reaches one contact once.`},
		{"T2", `{"id":"m","channel":"product_tour","status":"live","live_at":"2026-01-05T00:00:00Z"}`, `The message "m" goes out on the channel product tour.
It is ongoing: on a visit those who match get it, now and later.
It is live.
It counts as live from 5 January 2026 at 00:00 UTC.
It goes to everyone.
It reaches one contact once.`},
		{"F1", `{"id":"m","trigger":{"event":"e"}}`, `The message "m" goes out on the channel chat.
It is a draft.
It is sent each time the contact does "e".
It goes to everyone.
It reaches one contact at most once in 1 minute.`},
		{"F1, D11", `{"id":"m","trigger":{"event":"e"},"transactional":true}`, `The message "m" goes out on the channel chat.
It is a draft.
It is sent each time the contact does "e".
It goes to everyone.
It reaches one contact as often as there is an occasion.
It is transactional: no unsubscription, quiet hours or snooze hold it.`},
		{"F1", `{"id":"m","trigger":{"event":"e"},"frequency":{"every":"0s","max":1}}`, `The message "m" goes out on the channel chat.
It is a draft.
It is sent each time the contact does "e".
It goes to everyone.
It reaches one contact once.`},
		{"F7, F9", `{"id":"m","trigger":{"event":"e"},"frequency":{"every":"1h","max":3,"per":"order_id","wait":"24h"}}`, `The message "m" goes out on the channel chat.
It is a draft.
It is sent each time the contact does "e".
It goes to everyone.
It reaches one contact at most once in 1 hour and at most 3 times in all, counted for each value of the event's order_id by itself, and what has no room waits for it, no longer than 24 hours.`},
		{"F1", `{"id":"m","trigger":{"event":"e"},"frequency":{"max":2}}`, `The message "m" goes out on the channel chat.
It is a draft.
It is sent each time the contact does "e".
It goes to everyone.
It reaches one contact at most once in 1 minute and at most 2 times in all.`},
		{"F1", `{"id":"m","trigger":{"event":"e"},"frequency":{"every":"0s"}}`, `The message "m" goes out on the channel chat.
It is a draft.
It is sent each time the contact does "e".
It goes to everyone.
It reaches one contact as often as there is an occasion.`},
		{"F1", `{"id":"m","trigger":{"event":"e"},"frequency":{"every":"0s","max":2}}`, `The message "m" goes out on the channel chat.
It is a draft.
It is sent each time the contact does "e".
It goes to everyone.
It reaches one contact at most 2 times in all, however close together.`},
		{"F1", `{"id":"m","frequency":{"every":"7d"}}`, `The message "m" goes out on the channel chat.
It is ongoing: on a visit those who match get it, now and later.
It is a draft.
It goes to everyone.
It reaches one contact at most once in 7 days.`},
		{"F1", `{"id":"m","frequency":{"max":2},"transactional":true}`, `The message "m" goes out on the channel chat.
It is ongoing: on a visit those who match get it, now and later.
It is a draft.
It goes to everyone.
It reaches one contact at most 2 times in all, however close together.
It is transactional: no unsubscription, quiet hours or snooze hold it.`},
		{"S1", `{"id":"m","schedule":{"start":"2026-01-05T00:00:00Z","stop":"2026-02-05T00:00:00Z"}}`, `The message "m" goes out on the channel chat.
It is ongoing: on a visit those who match get it, now and later.
It is a draft.
It goes to everyone.
It reaches one contact once.
It goes out only from 5 January 2026 at 00:00 UTC on, and before 5 February 2026 at 00:00 UTC; outside of that it waits for an occasion within.`},
		{"S1", `{"id":"m","trigger":{"event":"e"},"schedule":{"windows":[{"days":["sat"],"from":"22:00","to":"02:00"},{"from":"00:00","to":"24:00"}],"timezone":"Europe/Dublin"}}`, `The message "m" goes out on the channel chat.
It is a draft.
It is sent each time the contact does "e".
It goes to everyone.
It reaches one contact at most once in 1 minute.
It goes out only on Saturday from 22:00 to 02:00 the next day, or every day from 00:00 to 24:00, in Europe/Dublin; outside of that it is dropped.`},
		{"S1", `{"id":"m","trigger":{"event":"e"},"schedule":{"windows":[{"days":["mon","tue","wed","thu","fri"],"from":"09:00","to":"17:00"}],"contact_timezone":true,"office_hours":true,"outside":"hold"}}`, `The message "m" goes out on the channel chat.
It is a draft.
It is sent each time the contact does "e".
It goes to everyone.
It reaches one contact at most once in 1 minute.
It goes out only on Monday to Friday from 09:00 to 17:00 in the contact's own time zone (without one in the time zone of the program), and within the office hours; outside of that it waits for the opening.`},
		{"D9", `{"id":"m","goal":{"rule":{"user":"plan","op":"is","value":"pro"},"within":"7d"}}`, `The message "m" goes out on the channel chat.
It is ongoing: on a visit those who match get it, now and later.
It is a draft.
It goes to everyone.
It reaches one contact once.
Its goal is that the contact's plan is "pro", within 7 days after the send.`},
		{"D10, F5", `{"id":"m","control":0.1,"priority":10,"tags":["promo","a b"]}`, `The message "m" goes out on the channel chat.
It is ongoing: on a visit those who match get it, now and later.
It is a draft.
It goes to everyone.
It reaches one contact once.
10% of the contacts are held out as a control group: they get nothing, and are measured.
Its priority is 10.
Its tags are "promo", "a b".`},
		{"one tag", `{"id":"m","tags":["promo"]}`, `The message "m" goes out on the channel chat.
It is ongoing: on a visit those who match get it, now and later.
It is a draft.
It goes to everyone.
It reaches one contact once.
Its tag is "promo".`},
		{"F8", `{"id":"m","exempt_from_caps":true}`, `The message "m" goes out on the channel chat.
It is ongoing: on a visit those who match get it, now and later.
It is a draft.
It goes to everyone.
It reaches one contact once.
Caps neither hold it nor count it.`},
		{"F8", `{"id":"m","limited_by_caps":false}`, `The message "m" goes out on the channel chat.
It is ongoing: on a visit those who match get it, now and later.
It is a draft.
It goes to everyone.
It reaches one contact once.
Caps do not hold it, but count it.`},
		{"F8", `{"id":"m","counts_toward_caps":false}`, `The message "m" goes out on the channel chat.
It is ongoing: on a visit those who match get it, now and later.
It is a draft.
It goes to everyone.
It reaches one contact once.
Caps hold it, but do not count it.`},
		{"C6", `{"id":"m","topic":"news","show_until":"2026-01-05T00:00:00Z","vet_ignore":["always_true"]}`, `The message "m" goes out on the channel chat.
It is ongoing: on a visit those who match get it, now and later.
It is a draft.
It goes to everyone.
It reaches one contact once.
Its topic is "news".
It is shown until 5 January 2026 at 00:00 UTC.
Vet ignores "always_true" here.`},
		{"R5", `{"id":"m","content":{"format":"html","subject":"Hi","body":"<p>x</p>","text":"x","data":{"button":"OK"},"missing":"hold","parameters":{"order":"event.order"}}}`, `The message "m" goes out on the channel chat.
It is ongoing: on a visit those who match get it, now and later.
It is a draft.
It goes to everyone.
It reaches one contact once.
It fills in the event's order.
Its subject is "Hi".
Its body, in HTML, is "<p>x</p>".
Its body as text is "x".
An unknown variable without a fallback holds the message.
Its template "button" is "OK".
Its parameter "order" is "event.order".`},
	} {
		var m beckon.Message
		if err := json.Unmarshal([]byte(c.message), &m); err != nil {
			t.Errorf("%s: %s: %v", c.facts, c.message, err)
			continue
		}
		if got := words.Message(m); got != c.want {
			t.Errorf("%s: %s is\n%s\nwant\n%s", c.facts, c.message, got, c.want)
		}
	}
}

// What series say. (X1, X3, X4)
func TestSeries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ series, want string }{
		{`{"id":"s","status":"live","entry":{"trigger":{"event":"signed-up"},"audience":{"user":"plan","op":"is","value":"free"}},"exit":{"user":"plan","op":"is","value":"pro"},"reenter":true,"reenter_after":"30d","max_entries":3,"goal":{"rule":{"segment":"x"},"within":"14d"},"blocks":[{"id":"a","wait":"1d","next":"b"},{"id":"b","rule":{"any":[{"segment":"x"},{"segment":"y"}]},"yes":"c"},{"id":"c","wait_until":{"at":"09:00","days":["mon","tue"],"contact_timezone":true},"next":"d"},{"id":"d","split":[{"weight":1,"next":"e"},{"weight":0.5}]},{"id":"e","update":{"attributes":{"onboarded":true,"x":null}},"next":"f"},{"id":"f","exit":true}]}`, `The series "s" is live.
A walk begins each time the contact does "signed-up".
Entering is open to contacts for whom the contact's plan is "free".
A contact can enter again after the end of the walk, and not before 30 days after the last entry, and not more than 3 times in all.
A walk ends, and nobody enters, if the contact's plan is "pro".
Its goal is that the contact is in the segment "x", within 14 days after the walk begins.
Block "a": wait 1 day; then go on to "b".
Block "b": wait until (the contact is in the segment "x" or the contact is in the segment "y"); then go on to "c".
Block "c": wait until 09:00 on Monday, Tuesday in the contact's own time zone (without one in the time zone of the program); then go on to "d".
Block "d": split by chance, for each contact the same way each time: 1 part: go on to "e"; 0.5 parts: the walk ends.
Block "e": set the contact's onboarded to true, the contact's x to unknown; then go on to "f".
Block "f": the walk ends.`},
		{`{"id":"s","entry":{"audience":{"segment":"x"}}}`, `The series "s" is a draft.
A walk begins when a contact comes to match. Who matches already when the series is first published enters on the next occasion.
Entering is open to contacts for whom the contact is in the segment "x".
Nobody enters twice.`},
	} {
		var s beckon.Series
		if err := json.Unmarshal([]byte(c.series), &s); err != nil {
			t.Errorf("%s: %v", c.series, err)
			continue
		}
		if got := words.Series(s); got != c.want {
			t.Errorf("%s is\n%s\nwant\n%s", c.series, got, c.want)
		}
	}
}

// What holds for all of a program. (S1, S4, C6, D10, F5, V1)
func TestPrograms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ program, want string }{
		{`{}`, ``},
		{`{"timezone":"Europe/Dublin","office_hours":{"windows":[{"days":["mon"],"from":"09:00","to":"17:00"}],"timezone":"Asia/Tokyo"},"control":0.05,"segments":{"power-users":{"event":"e","stat":"count","op":"at_least","value":10}},"caps":[{"id":"c","max":1,"within":"24h"},{"id":"d","channel":"push","tag":"promo","max":3,"within":"7d"}],"topics":[{"id":"news","name":"Newsletter","channels":["email","push"],"opt_in":true},{"id":"x"},{"id":"y","channels":["push"]}],"quiet_hours":[{"windows":[{"from":"22:00","to":"08:00"}],"contact_timezone":true},{"channels":["chat"],"windows":[{"from":"22:00","to":"08:00"}],"then":"drop"}],"events":{"purchased":{"description":"An order.","metadata":{"price":{"type":"monetary","required":true},"plan":{"type":"string","values":["free","pro"]},"place":{"type":"string","values":["shop"]},"any":{}},"others":"warn"},"e":{}},"vet_ignore":["unused_cap"]}`, `Times and days are those of Europe/Dublin.
The office hours are on Monday from 09:00 to 17:00 in Asia/Tokyo.
5% of contacts are a control group: they get nothing but transactional messages.
Vet ignores "unused_cap" here.

The segment "power-users" has the contacts for whom the contact did "e" at least 10 times.

The cap "c": at most 1 message for one contact in any 24 hours.
The cap "d": at most 3 messages on the channel push with the tag "promo" for one contact in any 7 days.

The topic "news": called "Newsletter", on the channels email, push; only for contacts who chose it.
The topic "x": on any channel; for all contacts who did not refuse it.
The topic "y": on the channel push; for all contacts who did not refuse it.

Quiet hours: every day from 22:00 to 08:00 the next day in the contact's own time zone (without one in the time zone of the program), on the channels email, push, sms; what is not transactional waits.
Quiet hours: every day from 22:00 to 08:00 the next day in the time zone of the program, on the channel chat; what is not transactional is dropped.

The event "e": other keys are accepted.
The event "purchased": described as "An order."; "any" is of any type (may be left out); place is a text, only "shop" (may be left out); plan is a text, one of "free", "pro" (may be left out); price is money (required); other keys are accepted with a warning.`},
	} {
		var p beckon.Program
		if err := json.Unmarshal([]byte(c.program), &p); err != nil {
			t.Errorf("%s: %v", c.program, err)
			continue
		}
		if got := words.Program(p); got != c.want {
			t.Errorf("%s is\n%s\nwant\n%s", c.program, got, c.want)
		}
	}
}
