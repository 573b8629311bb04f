package words_test

import (
	"encoding/json"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/words"
)

// What the conditions of the rulebook say.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ fact, rule, want string }{
		{"A4", `{"user":"plan","op":"is","value":"pro"}`, `the contact's plan is "pro"`},
		{"A4", `{"user":"plan","op":"is","value":"99"}`, `the contact's plan is the text "99"`},
		{"A4", `{"user":"seats","op":"is","value":99}`, `the contact's seats is 99`},
		{"A4", `{"user":"beta","op":"is","value":true}`, `the contact's beta is true`},
		{"A4", `{"metadata":"price","op":"is","value":{"amount":1999,"currency":"eur"}}`, `the event's price is 19.99 eur`},
		{"A4", `{"metadata":"price","op":"is","value":{"amount":1999,"currency":"jpy"}}`, `the event's price is 1999 jpy`},
		{"A4", `{"metadata":"price","op":"at_least","value":{"amount":-5,"currency":"KWD"}}`, `the event's price is at least -0.005 KWD`},
		{"A4", `{"user":"plan","op":"is_not","value":"pro"}`, `the contact's plan is not "pro" (also if unknown)`},
		{"A4", `{"user":"n","op":"does_not_contain","value":"x"}`, `the contact's n does not contain "x" (any letter case) (also if unknown)`},
		{"A4", `{"user":"n","op":"contains_word","value":"x"}`, `the contact's n contains the word "x" (any letter case)`},
		{"A4", `{"user":"n","op":"starts_with","value":"x"}`, `the contact's n starts with "x" (any letter case)`},
		{"A4", `{"user":"n","op":"ends_with","value":""}`, `the contact's n ends with the empty text "" (any letter case)`},
		{"A4", `{"user":"n","op":"not_in","value":["a",1,true]}`, `the contact's n is none of "a", 1, true (also if unknown)`},
		{"A4", `{"user":"n","op":"in","value":[]}`, `the contact's n is one of nothing`},
		{"A4", `{"user":"n","op":"between","value":[1,2.50]}`, `the contact's n is from 1 to 2.50 (both included)`},
		{"A4", `{"user":"n","op":"less_than","value":1e3}`, `the contact's n is less than 1e3`},
		{"A4", `{"user":"l","op":"contains_any","value":["a","b"]}`, `the contact's l contains any of "a", "b"`},
		{"A4", `{"user":"l","op":"contains_all","value":["a"]}`, `the contact's l contains all of "a"`},
		{"A4", `{"user":"l","op":"contains_none","value":["a","b"]}`, `the contact's l contains none of "a", "b" (also if unknown)`},
		{"A4", `{"user":"l","op":"is_unknown"}`, `the contact's l is unknown`},
		{"A4", `{"user":"l","op":"has_any_value"}`, `the contact's l has any value`},
		{"A6", `{"user":"d","op":"more_than_ago","value":"1d12h"}`, `the contact's d is more than 1 day 12 hours ago`},
		{"A6", `{"user":"d","op":"exactly_ago","value":"3d"}`, `the contact's d is on the day 3 days ago`},
		{"A6", `{"user":"d","op":"exactly_ago","value":"0d"}`, `the contact's d is on the day 0 days ago (today)`},
		{"A6", `{"user":"d","op":"more_than_ago","value":"0s"}`, `the contact's d is more than 0 seconds ago (in the past)`},
		{"A6", `{"user":"d","op":"after","value":"2026-01-02"}`, `the contact's d is after the end of 2 January 2026`},
		{"A6", `{"user":"d","op":"before","value":"2026-01-02"}`, `the contact's d is before the start of 2 January 2026`},
		{"A6", `{"user":"d","op":"on","value":"2026-01-02"}`, `the contact's d is on 2 January 2026`},
		{"A6", `{"user":"d","op":"after","value":"2026-01-02T10:30:00+01:00"}`, `the contact's d is after 2 January 2026 at 10:30 +01:00`},
		{"A6", `{"user":"d","op":"before","value":"2026-01-02t10:30:05z"}`, `the contact's d is before "2026-01-02t10:30:05z"`},
		{"A10", `{"user":"d","op":"more_than_ahead","value":"0d"}`, `the contact's d is more than 0 days from now (in the future)`},
		{"A10", `{"user":"d","op":"less_than_ahead","value":"1d"}`, `the contact's d is within the next day`},
		{"A10", `{"user":"d","op":"exactly_ahead","value":"1w"}`, `the contact's d is on the day 1 week from now`},
		{"A11", `{"user":"gb_used","op":"greater_than","value":{"user":"gb_plan"}}`, `the contact's gb_used is greater than the contact's gb_plan`},
		{"A11", `{"user":"d","op":"on","value":{"company":"d"}}`, `the contact's d is on the day of the company's d`},
		{"A11", `{"user":"plan","op":"in","value":{"company":"plans"}}`, `the contact's plan is one of the values of the company's plans`},
		{"A11", `{"user":"plan","op":"not_in","value":{"company":"plans"}}`, `the contact's plan is none of the values of the company's plans (also if either is unknown)`},
		{"A2", `{"event":"e","stat":"count","op":"is","value":0}`, `the contact has never done "e"`},
		{"A7", `{"event":"e","stat":"count","op":"is","value":0,"within":"7d"}`, `the contact has not done "e" in the last 7 days`},
		{"A7", `{"event":"e","stat":"count","op":"at_most","value":2}`, `the contact did "e" at most 2 times`},
		{"A7", `{"event":"e","stat":"count","op":"greater_than","value":1}`, `the contact did "e" more than once`},
		{"A7", `{"event":"e","stat":"count","op":"is","value":1}`, `the contact did "e" exactly once`},
		{"A7", `{"event":"e","stat":"count","op":"is_not","value":3}`, `the number of times that the contact did "e" is not 3`},
		{"A7", `{"event":"e","stat":"count","op":"between","value":[1,3]}`, `the contact did "e" from 1 to 3 times`},
		{"A7", `{"event":"e","stat":"count","op":"less_than","value":1}`, `the contact did "e" fewer than 1 time`},
		{"A7", `{"event":"e","stat":"count","op":"at_least","value":1.5}`, `the number of times that the contact did "e" is at least 1.5`},
		{"A11", `{"event":"e","stat":"count","op":"at_least","value":{"user":"quota"},"within":"1d"}`, `the number of times that the contact did "e" in the last day is at least the contact's quota`},
		{"A1", `{"event":"e","stat":"first","op":"after","value":"2026-01-02"}`, `the first time that the contact did "e" was after the end of 2 January 2026`},
		{"A1", `{"event":"e","stat":"first","op":"is_unknown"}`, `the first time that the contact did "e" is unknown`},
		{"A13", `{"event":"e","stat":"min","of":"price","op":"less_than","value":5}`, `the smallest price over the events "e" is less than 5`},
		{"A13", `{"event":"e","stat":"max","of":"price","op":"is_unknown"}`, `the largest price over the events "e" is unknown`},
		{"A13", `{"event":"e","stat":"average","of":"file size","op":"is_not","value":5,"since":"entry"}`, `the average "file size" over the events "e" since entering the series is not 5 (also if unknown)`},
		{"A13", `{"event":"e","stat":"distinct","of":"plan","op":"at_least","value":2,"within":"1w"}`, `the number of different values of plan over the events "e" in the last week is at least 2`},
		{"A13", `{"event":"e","stat":"sum","of":"price","op":"is_not","value":0}`, `the sum of price over the events "e" is not 0`},
		{"A7", `{"message":"m","stat":"sent_count","op":"is","value":0}`, `the message "m" was never sent`},
		{"A7", `{"message":"m","stat":"sent_count","op":"at_least","value":2}`, `the message "m" was sent at least 2 times`},
		{"A11", `{"message":"m","stat":"sent_count","op":"at_least","value":{"user":"x"}}`, `the number of times that the message "m" was sent is at least the contact's x`},
		{"A1", `{"all":[]}`, `always true`},
		{"A1", `{"any":[]}`, `never true`},
		{"A1", `{"not":{"all":[]}}`, `it is not true that (always true)`},
		{"A1", `{"all":[{"segment":"a"}]}`, `all of (the contact is in the segment "a")`},
		{"A3", `{"user":"last_seen_at","op":"more_than_ago","value":"30d"}`, `the contact's last_seen_at is more than 30 days ago`},
		{"A12", `{"page":"url","op":"matches","value":"*/shop/*/cart"}`, `the address of the page matches the pattern "*/shop/*/cart" (any letter case)`},
		{"A1", `{"page":"seconds","op":"at_least","value":30}`, `the number of seconds on the page is at least 30`},
		{"A1", `{"company":"employees","op":"at_least","value":50}`, `the company's employees is at least 50`},
		{"A7", `{"event":"uploaded-video","stat":"count","op":"at_least","value":3,"within":"7d","where":{"metadata":"duration","op":"greater_than","value":2}}`, `the contact did "uploaded-video" where (the event's duration is greater than 2) at least 3 times in the last 7 days`},
		{"A7", `{"message":"welcome","stat":"last_sent","op":"more_than_ago","value":"30d"}`, `the last time that the message "welcome" was sent was more than 30 days ago`},
		{"A11", `{"metadata":"to","op":"is_not","value":{"metadata":"from"}}`, `the event's "to" is not the event's "from" (also if either is unknown)`},
		{"A13", `{"event":"purchased","stat":"sum","of":"price","op":"at_least","value":{"amount":50000,"currency":"eur"},"within":"30d"}`, `the sum of price over the events "purchased" in the last 30 days is at least 500.00 eur`},
		{"A14", `{"event":"added-to-cart","stat":"count","op":"at_least","value":1,"within":"1h","where":{"metadata":"cart_id","op":"is","value":{"trigger":"cart_id"}}}`, `the contact did "added-to-cart" where (the event's cart_id is the triggering event's cart_id) at least once in the last hour`},
		{"A15", `{"event":"did-it","stat":"count","op":"is","value":0,"since":"entry"}`, `the contact has not done "did-it" since entering the series`},
		{"A1", `{"all":[{"segment":"a"},{"segment":"b"},{"any":[{"segment":"c"},{"not":{"segment":"d"}},{"user":"n","op":"in","value":[1,2]}]}]}`, `the contact is in the segment "a" and the contact is in the segment "b" and (the contact is in the segment "c" or it is not true that (the contact is in the segment "d") or (the contact's n is one of 1, 2))`},
		{"A8", `{"user":"a","op":"is","value":1,"vet_ignore":["contradiction"]}`, `(the contact's a is 1) [vet ignores "contradiction"]`},
	} {
		r, err := beckon.ParseRule([]byte(c.rule))
		if err != nil {
			t.Errorf("%s: %s: %v", c.fact, c.rule, err)
			continue
		}
		if got := words.Rule(r); got != c.want {
			t.Errorf("%s: %s is\n%s\nwant\n%s", c.fact, c.rule, got, c.want)
		}
		again, err := readRule(c.want)
		if err != nil || again.String() != r.String() {
			t.Errorf("%s: %q is read as %s, %v", c.fact, c.want, again, err)
		}
	}
}

// When a message is sent.
func TestTriggers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ fact, trigger, want string }{
		{"T3", `{"event":"a","where":{"metadata":"x","op":"is","value":1}}`, `each time the contact does "a" where (the event's x is 1)`},
		{"T6", `{"event":"a","unless":[{"event":"b","within":"1h","same":"cart_id"},{"event":"c","within":"2d"}],"recheck":true}`, `each time the contact does "a", unless "b" follows within 1 hour with the same cart_id, or "c" follows within 2 days, and only if the contact still belongs to the audience then`},
		{"T9", `{"event":"booked","date":{"metadata":"starts_date"},"offset":"-1h","unless":{"event":"cancelled","same":"booking id"}}`, `1 hour before the event's starts_date, each time the contact does "booked", unless "cancelled" follows before it goes out with the same "booking id"`},
		{"T9", `{"event":"booked","date":{"metadata":"starts_date"},"at":"09:00","offset":"-1d"}`, `1 day before the event's starts_date at 09:00, each time the contact does "booked"`},
		{"T9", `{"event":"booked","date":{"metadata":"starts_date"}}`, `at the event's starts_date, each time the contact does "booked"`},
		{"T5", `{"date":"trial_ends_at","offset":"-3d"}`, `3 days before the contact's trial_ends_at`},
		{"T5", `{"date":"trial_ends_at"}`, `on the day of the contact's trial_ends_at`},
		{"T9", `{"date":"trial_ends_at","offset":"90m"}`, `90 minutes after the contact's trial_ends_at`},
		{"T9", `{"date":"birthday","at":"09:00","every":"year","for":"3d"}`, `on the day of the contact's birthday at 09:00, again every year, shown for 3 days`},
		{"T7", `{"attribute":"plan","from":"free","to":"pro","where":{"metadata":"to","op":"is_not","value":{"metadata":"from"}}}`, `each time an update changes the contact's plan from "free" to "pro" where (the event's "to" is not the event's "from" (also if either is unknown)), whose "from" and "to" are the values before and after`},
		{"T7", `{"attribute":"plan","from":null}`, `each time an update changes the contact's plan from unknown`},
		{"T7", `{"attribute":"plan"}`, `each time an update changes the contact's plan`},
		{"T7", `{"attribute":"plan","to":["a","b"]}`, `each time an update changes the contact's plan to the list of "a", "b"`},
		{"T8", `{"enters":"power-users"}`, `each time the contact begins to match the segment "power-users"`},
		{"T8", `{"leaves":"power-users"}`, `each time the contact ceases to match the segment "power-users"`},
	} {
		var trigger beckon.Trigger
		if err := json.Unmarshal([]byte(c.trigger), &trigger); err != nil {
			t.Errorf("%s: %s: %v", c.fact, c.trigger, err)
			continue
		}
		if got := words.Trigger(&trigger); got != c.want {
			t.Errorf("%s: %s is\n%s\nwant\n%s", c.fact, c.trigger, got, c.want)
		}
	}
	if got := words.Trigger(nil); got != "without a trigger" {
		t.Error(got)
	}
}
