package randtest

import (
	"math/rand/v2"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
)

// Epoch is the instant around which dates lie.
func Epoch() time.Time { return time.Date(2026, time.March, 29, 3, 30, 0, 0, time.UTC) }

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// hostile are texts that end statements, paths, patterns and strings in one
// language or another.
var hostile = []string{ //nolint:gochecknoglobals // a table that nothing writes to
	`it's`, `"; DROP TABLE x; --`, `$.plan`, `a"b`, `a\b`, `%`, `_`, `pro%`, "nul\x00nul", "\\u0000", "line\nbreak", "ÅNGSTRÖM", "ångström",
	"\u2028", "🎉", "'||'", "?", "$1", ":1", "null", "true", "10", "{}", "[]", " pro", "pro ", "",
}

// odd are texts that are more than one to some and one to others: by letter case, by how
// letters are composed, by the order of bytes and of code units, by where a column cuts
// them off.
var odd = []string{ //nolint:gochecknoglobals // a table that nothing writes to
	"kelvin", "\u212aelvin", "KELVIN", "straße", "STRASSE", "STRA\u1e9eE", "strasse", "istanbul", "İstanbul", "ISTANBUL", "ıstanbul", "i\u0307stanbul",
	"café", "cafe\u0301", "CAFÉ", "\u212bngström", "A\u030angström", "σς", "ΣΣ", "ſs", "ǆ", "ǅ", "ﬁ", "fi", "ⅷ", "Ⅷ", "\u0345", "ι",
	"\ufffd", "\ue000", "\uffff", "\U00010000", "\U0010ffff", "👩\u200d👩\u200d👧", "\x7f", "\x01", "\x01\x01", "\ufeff", "\u00a0", "pro\u200b",
	strings.Repeat("é", 99) + "aé", strings.Repeat("é", 99) + "aè", strings.Repeat("é", 255), strings.Repeat("\x00", 255), strings.Repeat("🎉", 254) + "!",
	strings.Repeat("x", 199) + "\x00a", strings.Repeat("x", 199) + "\x00b", strings.Repeat("x", 199) + "\x01", strings.Repeat("pro ", 60), "pro" + strings.Repeat(" ", 240) + "x",
	"0001-01-01", "9999-12-31", "0000-12-31", "10000-01-01", "2026-02-29", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59z",
	"2026-03-29t03:30:00.999999999+14:00", "2026-03-29T03:30:60Z", "2026-03-29 03:30:00Z", "-001-01-01", "２０２６-03-29", "1e1", "1_000", "0x10", "NaN", "-0", "٣",
	"\u212aim@x.test", "KIM@X.test",
}

func text(r *rand.Rand) string {
	switch r.IntN(6) {
	case 0:
		return pick(r, hostile...)
	case 1:
		return pick(r, odd...)
	}
	return pick(r, "pro", "Pro", "team", "free", "user", "lead", "visitor", "ann@x.test", "bob@x.test", "u1", "u2", "v1")
}

// attribute returns the name of an attribute: a plain one, a hostile one, or a
// standard one.
func attribute(r *rand.Rand) string {
	switch r.IntN(8) {
	case 0:
		return pick(r, `it's`, `a"b`, `$.plan`, "nul\x00nul", `a\b`, "a.b", "ü", "[0]", "?", "plan'", "10",
			"Plan", "café", "cafe\u0301", "\u212a", "k", "\ufffd", strings.Repeat("n", 254)+"x", strings.Repeat("n", 254)+"y", strings.Repeat("é", 255))
	case 1, 2:
		return pick(r, "email", "role", "user_id", "id", "anonymous_id", "name", "created_at", "signed_up_at", "last_seen_at", "last_contacted_at")
	}
	return pick(r, "plan", "score", "beta", "ends_at", "tags", "price")
}

func number(r *rand.Rand) string {
	return pick(r, "0", "-0", "1", "2", "10", "10.0", "1e1", "0.1", "0.10000000000000001", "0.1000000000000000055511151231257827021181583404541015625",
		"9007199254740992", "9007199254740993", "-9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551616",
		"1e308", "-1e308", "1e-308", "-1e-308", "-9223372036854775808", "-9223372036854775809", "4503599627370496.5", "0.3", "0.30000000000000004",
		"-62135596800", "-62135596801", "253402300799", "253402300800", "1774755000.5", strings.Repeat("9", 100), "-0."+strings.Repeat("9", 99), "0.00000000000000000000000000000000000001e-308", "123456789.123456789123456789", "3.5", "-7", "1774755000", "9.99", "12.5")
}

// instant returns an instant within some days of Epoch, often at a second where
// something turns.
func instant(r *rand.Rand) time.Time {
	if r.IntN(16) == 0 { // where dates begin and end
		return pick(r, time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1, 1, 2, 23, 59, 59, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
			time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC), time.Unix(0, 0).UTC(), time.Unix(-1, 0).UTC(), time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC))
	}
	at := Epoch().AddDate(0, 0, pick(r, -400, -31, -30, -8, -7, -6, -2, -1, 0, 0, 1, 3))
	return at.Add(pick(r, 0, time.Second, -time.Second, -210*time.Minute, time.Hour, -time.Hour, 20*time.Hour+30*time.Minute, time.Duration(r.Int64N(int64(24*time.Hour)))))
}

func event(r *rand.Rand) string { return pick(r, "uploaded", "invited", "paid", "it's-\"odd", "never") }

func duration(r *rand.Rand) beckon.Duration {
	return pick(r, beckon.Days(1), beckon.Days(7), beckon.Days(30), beckon.Days(400), beckon.Days(30_000), beckon.Hours(1), beckon.Hours(36), beckon.Seconds(1))
}

// Rule returns a rule of an audience, groups nested up to depth.
func Rule(r *rand.Rand, depth int) beckon.Rule {
	if depth > 0 && r.IntN(3) > 0 {
		list := make([]beckon.Rule, r.IntN(4))
		for i := range list {
			list[i] = Rule(r, depth-1)
		}
		switch r.IntN(5) {
		case 0, 1:
			return beckon.All(list...)
		case 2, 3:
			return beckon.Any(list...)
		}
		return beckon.Not(Rule(r, depth-1))
	}
	switch r.IntN(10) {
	case 0, 1, 2:
		return eventRule(r)
	case 3:
		return pick(r, beckon.Company("plan").Is(text(r)), beckon.Company("size").AtLeast(5), beckon.WasSent("hello").AtLeast(1),
			beckon.PageSeconds().AtLeast(1), beckon.Not(beckon.PageURL().Contains("x")), beckon.Rule{Segment: "paying"})
	}
	return userRule(r)
}

// Segments are what Rule's rules refer to.
func Segments() map[string]beckon.Rule {
	return map[string]beckon.Rule{"paying": beckon.Any(beckon.User("plan").In("pro", "team"), beckon.Did("paid").AtLeast(1))}
}

func eventRule(r *rand.Rand) beckon.Rule {
	did := beckon.Did(event(r))
	if r.IntN(4) == 0 {
		did = did.Where(beckon.Metadata("n").AtLeast(r.IntN(4)))
	}
	if r.IntN(4) == 0 {
		did = did.Within(duration(r))
		return count(r, did)
	}
	switch r.IntN(4) {
	case 0:
		return count(r, did)
	case 1:
		return moment(r, did.First())
	case 2:
		return values(r, did)
	}
	return moment(r, did.Last())
}

// values returns a condition on the values of events.
func values(r *rand.Rand, did beckon.Counted) beckon.Rule {
	if r.IntN(3) == 0 {
		did = did.Within(duration(r))
	}
	n := r.IntN(5) - 1
	sum, least := did.Sum("n"), pick(r, did.Min("n"), did.Max("n"), did.Average("n"))
	return pick(r, sum.Is(n), sum.IsNot(n), sum.AtLeast(n), sum.LessThan(n), sum.Between(n, n+2), least.Is(n), least.AtMost(n), least.IsNot(n),
		least.IsUnknown(), least.HasAnyValue(), did.Distinct("n").AtLeast(r.IntN(3)), did.Distinct("n").Is(r.IntN(3)))
}

func count(r *rand.Rand, did beckon.Counted) beckon.Rule {
	n := r.IntN(4)
	return pick(r, did.Is(n), did.IsNot(n), did.GreaterThan(n), did.LessThan(n), did.AtLeast(n), did.AtMost(n), did.Between(n, n+r.IntN(3)))
}

func moment(r *rand.Rand, m beckon.Subject) beckon.Rule {
	day := instant(r).Format(time.DateOnly)
	switch r.IntN(7) {
	case 0:
		return m.MoreThanAgo(pick(r, duration(r), beckon.Days(0)))
	case 1:
		return m.LessThanAgo(duration(r))
	case 2:
		return m.ExactlyAgo(pick(r, beckon.Days(1), beckon.Days(7)))
	case 3:
		return m.After(pick[any](r, day, instant(r)))
	case 4:
		return m.Before(pick[any](r, day, instant(r)))
	case 5:
		return m.On(day)
	}
	return pick(r, m.IsUnknown(), m.HasAnyValue())
}

// userRule returns a condition on an attribute, with an operator that suits it.
func userRule(r *rand.Rand) beckon.Rule {
	name := attribute(r)
	if name == "last_seen_at" {
		name = pick(r, name, "first_seen_at", "session_count")
	}
	if r.IntN(6) == 0 {
		return field(r, name)
	}
	presence := func(r *rand.Rand, name string) beckon.Rule {
		u := beckon.User(name)
		return pick(r, u.IsUnknown(), u.HasAnyValue())
	}
	switch name {
	case "email", "role", "user_id", "id", "anonymous_id", "name":
		return pick(r, equal, among, folded, presence)(r, name)
	case "created_at", "signed_up_at", "first_seen_at", "last_seen_at", "last_contacted_at":
		return pick(r, dated, dated, presence)(r, name)
	case "session_count":
		return pick(r, compared, compared, presence)(r, name)
	}
	return pick(r, equal, among, folded, compared, compared, dated, listed, presence)(r, name)
}

// scalar returns an operand that an attribute may be equal to.
func scalar(r *rand.Rand, name string) any {
	switch name {
	case "email", "role", "user_id", "id", "anonymous_id", "name":
		return text(r)
	}
	switch r.IntN(6) {
	case 0:
		return r.IntN(2) == 0
	case 1, 2:
		return beckon.NumberLiteral(number(r))
	case 3:
		return beckon.Monetary(int64(r.IntN(3))*1000, pick(r, "EUR", "USD"))
	}
	return text(r)
}

func equal(r *rand.Rand, name string) beckon.Rule {
	u := beckon.User(name)
	return pick(r, u.Is, u.Is, u.IsNot)(scalar(r, name))
}

func among(r *rand.Rand, name string) beckon.Rule {
	u := beckon.User(name)
	list := make([]any, r.IntN(5))
	if r.IntN(10) == 0 {
		list = make([]any, 40)
	}
	for i := range list {
		list[i] = scalar(r, name)
	}
	return pick(r, u.In, u.In, u.NotIn)(list...)
}

func folded(r *rand.Rand, name string) beckon.Rule {
	u := beckon.User(name)
	if r.IntN(5) == 0 {
		return u.ContainsWord(pick(r, "PRO", "team", "x", "10", "ångström"))
	}
	return pick(r, u.Contains, u.DoesNotContain, u.StartsWith, u.EndsWith, u.Matches)(pick(r, text(r), text(r), "P*o", "*@x.TEST", "*", "v_s*"))
}

func compared(r *rand.Rand, name string) beckon.Rule {
	u := beckon.User(name)
	n := beckon.NumberLiteral(number(r))
	if r.IntN(4) == 0 {
		low := beckon.Number(r.IntN(20) - 10)
		high := beckon.NumberLiteral(pick(r, "10", "10.5", "1e3", "9223372036854775808"))
		return u.Between(low, high)
	}
	return pick(r, u.GreaterThan, u.LessThan, u.AtLeast, u.AtMost)(n)
}

func dated(r *rand.Rand, name string) beckon.Rule {
	u := beckon.User(name)
	at := instant(r)
	if at.Year() > 60 {
		at = at.AddDate(pick(r, 0, 0, 0, -60), 0, 0)
	}
	day := at.Format(time.DateOnly)
	switch r.IntN(8) {
	case 6:
		return u.MoreThanAhead(pick(r, duration(r), beckon.Seconds(0)))
	case 7:
		return pick(r, u.LessThanAhead(duration(r)), u.ExactlyAhead(pick(r, beckon.Days(0), beckon.Days(1))))
	case 0:
		return u.MoreThanAgo(pick(r, duration(r), beckon.Seconds(0)))
	case 1:
		return u.LessThanAgo(duration(r))
	case 2:
		return u.ExactlyAgo(pick(r, beckon.Days(0), beckon.Days(1), beckon.Days(7)))
	case 3:
		return u.On(day)
	case 4:
		return u.After(pick[any](r, day, instant(r)))
	}
	return u.Before(pick[any](r, day, instant(r)))
}

func listed(r *rand.Rand, name string) beckon.Rule {
	u := beckon.User(name)
	list := make([]any, r.IntN(3))
	for i := range list {
		list[i] = text(r)
	}
	return pick(r, u.ContainsAny, u.ContainsAll, u.ContainsNone)(list...)
}

// field returns a condition on what another attribute holds, if it suits.
func field(r *rand.Rand, name string) beckon.Rule {
	u, other := beckon.User(name), beckon.User(pick(r, "plan", "score", "beta", "ends_at", "tags", "price", `it's`, "nul\x00nul"))
	switch name {
	case "email", "role", "user_id", "id", "anonymous_id", "name":
		return pick(r, u.Is(other), u.IsNot(other), u.Contains(other), u.Matches(other), u.In(other))
	case "created_at", "signed_up_at", "first_seen_at", "last_seen_at", "last_contacted_at":
		return pick(r, u.After(other), u.On(other), u.Before(other))
	case "session_count":
		return pick(r, u.Is(other), u.AtLeast(other), u.LessThan(other))
	}
	return pick(r, u.Is(other), u.IsNot(other), u.In(other), u.NotIn(other), u.Contains(other), u.StartsWith(other), u.GreaterThan(other), u.AtMost(other),
		u.After(other), u.On(beckon.User("created_at")), u.Before(other), u.ContainsAny(other), u.ContainsAll(other), u.ContainsNone(other))
}
