// Package words writes rules, messages, series and whole programs in plain English, and
// says in words what is different between two programs. It is for people who decide what
// goes out and read no JSON.
//
//	words.Rule(beckon.All(beckon.User("plan").In("pro", "team"), beckon.Did("uploaded-video").Within(beckon.Days(7)).AtLeast(3)))
//	// (the contact's plan is one of "pro", "team") and the contact did "uploaded-video" at least 3 times in the last 7 days
//
// The words of a rule say all that it says, and two rules that differ have different words:
//
//   - Text stands in quotes, numbers and yes or no (true, false) do not. Text that looks like
//     something else is called text: the text "99".
//   - "and" and "or" join conditions, and never the values of one condition. A group inside
//     a group stands in parentheses, so does what counts only some events: where (…).
//   - A condition that an unknown value satisfies says "also if unknown". All others need a
//     value.
//   - "in the last 7 days" is a sliding window of that length. "on the day 3 days ago" is that
//     calendar day, in the time zone of the program.
//
// What is no finished rule, message or value is written as its JSON: nothing here panics or
// fails. All functions are pure, safe for concurrent use, and keep nothing of what they
// are given. They cost time linear in what they write.
package words
