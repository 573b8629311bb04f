package schema

import (
	"slices"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/rule"
)

// The operators by the values that they take.
func equalOps() []beckon.Op { return []beckon.Op{beckon.OpIs, beckon.OpIsNot} }
func inOps() []beckon.Op    { return []beckon.Op{beckon.OpIn, beckon.OpNotIn} }
func textOps() []beckon.Op {
	return []beckon.Op{beckon.OpContains, beckon.OpDoesNotContain, beckon.OpContainsWord, beckon.OpStartsWith, beckon.OpEndsWith, beckon.OpMatches}
}

func orderOps() []beckon.Op {
	return []beckon.Op{beckon.OpGreaterThan, beckon.OpLessThan, beckon.OpAtLeast, beckon.OpAtMost}
}

func spanOps() []beckon.Op {
	return []beckon.Op{
		beckon.OpMoreThanAgo, beckon.OpLessThanAgo, beckon.OpExactlyAgo, beckon.OpMoreThanAhead, beckon.OpLessThanAhead, beckon.OpExactlyAhead,
	}
}
func dayOps() []beckon.Op { return []beckon.Op{beckon.OpAfter, beckon.OpOn, beckon.OpBefore} }
func listOps() []beckon.Op {
	return []beckon.Op{beckon.OpContainsAny, beckon.OpContainsAll, beckon.OpContainsNone}
}
func presenceOps() []beckon.Op { return []beckon.Op{beckon.OpIsUnknown, beckon.OpHasAnyValue} }

func ops(lists ...[]beckon.Op) node {
	var all []beckon.Op
	for _, l := range lists {
		all = append(all, l...)
	}
	return words(all...)
}

// rules are a rule, and one that is a segment's own.
func rules() node {
	return node{"rule": oneRule(), "segment": oneRule("vet_ignore")}
}

// field is what another field holds. A user's is none of those that are never what is needed.
func field(never ...[]string) node {
	user := ref("name")
	if names := slices.Concat(never...); len(names) > 0 {
		user = node{"type": "string", "minLength": 1, "maxLength": rule.MaxText, "not": words(names...)}
	}
	return anyOf(object(node{"user": user}, "user"),
		object(node{"company": ref("name")}, "company"), object(node{"metadata": ref("key")}, "metadata"), object(node{"trigger": ref("key")}, "trigger"))
}

// when is what must hold of what is so.
func when(condition, then node) node { return node{"if": condition, "then": then} }

// has is an object that has a member, and such a one.
func has(member string, value node) node {
	return node{"properties": node{member: value}, "required": []string{member}}
}

// both is what two nodes say.
func both(a, b node) node { return node{"allOf": []any{a, b}} }

// oneRule is one object whose members depend on each other: first what it may
// have at all, then which may stand together. More are those that go with all.
func oneRule(more ...string) node {
	between := []beckon.Op{beckon.OpBetween}
	order := append(orderOps(), between...)
	texts, dates, numbers := standardTexts(), standardDates(), []string{"session_count"}

	number := node{"type": "number"}
	short := node{"type": "string", "maxLength": rule.MaxText}
	few := func(items node) node { return node{"type": "array", "items": items, "maxItems": rule.MaxList} }
	pair := func(items node) node { return node{"type": "array", "items": items, "minItems": 2, "maxItems": 2} }
	scalar := anyOf(short, node{"type": []any{"number", "boolean"}}, ref("money"))

	takes := func(o, value node) node { return when(has("op", o), has("value", value)) }
	suits := func(condition, o node) node { return when(condition, node{"properties": node{"op": o}}) }
	// of is takes for a subject that has values of one type only.
	of := func(condition, o, value node) node { return when(both(condition, has("op", o)), has("value", value)) }

	alone := func(member string) any {
		return node{"required": []string{member}, "propertyNames": words(append([]string{member}, more...)...)}
	}
	subject := func(members ...string) any {
		with := append([]string{members[0], "stat", "of", "op", "value", "within", "where", "since"}, more...)
		return node{"required": append(members, "op"), "propertyNames": words(with...)}
	}
	stat := func(member string, stats node) node {
		return when(node{"required": []string{member}}, node{"properties": node{"stat": stats}})
	}
	ofDates := ops(spanOps(), dayOps(), presenceOps())
	properties := node{
		"all": list(ref("rule")), "any": list(ref("rule")), "not": ref("rule"),
		"user": ref("name"), "company": ref("name"), "event": ref("event_name"), "metadata": ref("key"), "message": ref("name"), "segment": ref("name"),
		"page":  words("url", "seconds"),
		"stat":  words(append(slices.Concat(eventStats(), valueStats()), beckon.StatSentCount, beckon.StatLastSent)...),
		"of":    ref("key"),
		"op":    ops(equalOps(), textOps(), inOps(), order, spanOps(), dayOps(), listOps(), presenceOps()),
		"value": true, "within": ref("span"), "where": ref("rule"), "since": words("entry"),
	}
	for _, codes := range more {
		properties[codes] = few(text())
	}
	all := []any{
		stat("event", words(slices.Concat(eventStats(), valueStats())...)),
		stat("message", words(beckon.StatSentCount, beckon.StatLastSent)),
		when(node{"required": []string{"stat"}}, node{"anyOf": []any{node{"required": []string{"event"}}, node{"required": []string{"message"}}}}),
		when(node{"required": []string{"within"}}, node{"required": []string{"event"}, "properties": node{"stat": words(append(valueStats(), beckon.StatCount)...)}}),
		when(node{"required": []string{"of"}}, node{"required": []string{"event"}, "properties": node{"stat": words(valueStats()...)}}),
		when(has("stat", words(valueStats()...)), node{"required": []string{"of"}}),
		when(node{"required": []string{"where"}}, node{"required": []string{"event"}}),
		when(node{"required": []string{"since"}}, node{"required": []string{"event"}}),

		takes(ops(equalOps()), anyOf(scalar, field())),
		takes(ops(inOps()), anyOf(few(scalar), field(texts, dates, numbers))),
		takes(ops(textOps()), anyOf(short, field(dates, numbers))),
		takes(ops(orderOps()), anyOf(number, ref("money"), field(texts, dates))),
		takes(ops(between), anyOf(pair(number), pair(ref("money")))),
		takes(words(beckon.OpLessThanAgo, beckon.OpLessThanAhead), ref("span")),
		takes(words(beckon.OpMoreThanAgo, beckon.OpMoreThanAhead), ref("duration")),
		takes(words(beckon.OpExactlyAgo, beckon.OpExactlyAhead), ref("days")),
		takes(ops([]beckon.Op{beckon.OpOn}), anyOf(ref("day"), field(texts, numbers))),
		takes(ops([]beckon.Op{beckon.OpAfter, beckon.OpBefore}), anyOf(ref("day"), ref("instant"), field(texts, numbers))),
		takes(ops(listOps()), anyOf(few(short), field(texts, dates, numbers))),
		when(has("op", ops(presenceOps())), node{"properties": node{"value": false}}),

		suits(has("stat", words(beckon.StatCount, beckon.StatSentCount, beckon.StatSum, beckon.StatDistinct)), ops(equalOps(), order)),
		suits(has("stat", words(beckon.StatMin, beckon.StatMax, beckon.StatAverage)), ops(equalOps(), order, presenceOps())),
		suits(has("stat", words(beckon.StatFirst, beckon.StatLast, beckon.StatLastSent)), ofDates),
		suits(has("page", words("url")), ops(equalOps(), inOps(), textOps(), presenceOps())),
		suits(has("page", words("seconds")), ops(equalOps(), order, presenceOps())),
		suits(has("user", words(texts...)), ops(equalOps(), inOps(), textOps(), presenceOps())),
		suits(has("user", words(dates...)), ofDates),
		suits(has("user", words(numbers...)), ops(equalOps(), order, presenceOps())),
	}
	for _, s := range []node{has("page", words("url")), has("user", words(texts...))} {
		all = append(all, of(s, ops(equalOps()), anyOf(short, field(dates, numbers))), of(s, ops(inOps()), anyOf(few(short), field())))
	}
	for _, s := range []node{has("page", words("seconds")), has("user", words(numbers...))} {
		all = append(all, of(s, ops(equalOps(), orderOps()), anyOf(number, field(texts, dates))), of(s, ops(between), pair(number)))
	}
	counted := node{"type": "number", "minimum": 0}
	counts := has("stat", words(beckon.StatCount, beckon.StatSentCount, beckon.StatDistinct))
	amounts := has("stat", words(beckon.StatSum, beckon.StatMin, beckon.StatMax, beckon.StatAverage))
	return node{
		"type":                 "object",
		"additionalProperties": false,
		"properties":           properties,
		"oneOf": []any{
			alone("all"), alone("any"), alone("not"), alone("segment"),
			subject("user"), subject("company"), subject("metadata"), subject("page"), subject("event", "stat"), subject("message", "stat"),
		},
		"allOf": append(all,
			of(counts, ops(equalOps(), orderOps()), anyOf(counted, field(texts, dates))), of(counts, ops(between), pair(counted)),
			of(amounts, ops(equalOps()), anyOf(number, ref("money"), field(texts, dates)))),
	}
}

func eventStats() []beckon.Stat {
	return []beckon.Stat{beckon.StatCount, beckon.StatFirst, beckon.StatLast}
}

func valueStats() []beckon.Stat {
	return []beckon.Stat{beckon.StatSum, beckon.StatMin, beckon.StatMax, beckon.StatAverage, beckon.StatDistinct}
}

func standardTexts() []string {
	return []string{"user_id", "id", "email", "anonymous_id", "name", "phone", "role", "timezone", "language"}
}

func standardDates() []string {
	return []string{"created_at", "signed_up_at", "first_seen_at", "last_seen_at", "last_contacted_at"}
}
