package schema

import (
	"slices"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/declared"
	"github.com/beckon-go/beckon/internal/plan"
)

// values are the small types that many documents share.
func values() node {
	const units = `((0|[1-9][0-9]*)w)?((0|[1-9][0-9]*)d)?((0|[1-9][0-9]*)h)?((0|[1-9][0-9]*)m)?((0|[1-9][0-9]*)s)?`
	return node{
		"duration":    node{"type": "string", "pattern": "^" + units + "$", "minLength": 2, "description": "90s, 15m, 12h, 7d, 2w, or combined: 1d12h"},
		"offset":      node{"type": "string", "pattern": "^-?" + units + "$", "minLength": 2, "description": "days, hours or minutes, negative before the date: -3d"},
		"instant":     node{"type": "string", "format": "date-time", "pattern": `^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$`, "description": "RFC 3339"},
		"time_of_day": pattern(`^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`, "on the wall clock, 24:00 is the end of the day"),
		"weekday":     words("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
		"channel": anyOf(
			words(plan.Channels()...),
			pattern(`^`+plan.CustomPrefix+`[\s\S]+$`, "the host's own"),
		),
		"status": words(beckon.Draft, beckon.Live, beckon.Paused, beckon.Stopped),
		"money": object(node{"amount": describe(node{"type": "number"}, "in minor units"), "currency": describe(node{"type": "string", "minLength": 3, "maxLength": 3}, "ISO 4217, any letter case")},
			"amount", "currency"),
		// field is what another field holds.
		"field": anyOf(object(node{"user": name()}, "user"), object(node{"company": name()}, "company"), object(node{"metadata": name()}, "metadata"), object(node{"trigger": name()}, "trigger")),
		// attribute is what an attribute can be; null unsets.
		"attribute":  anyOf(node{"type": []any{"string", "number", "boolean", "null"}}, list(text())),
		"attributes": mapOf(ref("attribute")),
	}
}

func program() node {
	return node{
		"program": object(node{
			"timezone":     describe(text(), "IANA zone of the workspace; UTC if left out"),
			"office_hours": ref("office_hours"),
			"segments":     mapOf(ref("segment")),
			"caps":         list(ref("cap")),
			"messages":     list(ref("message")),
			"series":       list(ref("series")),
			"vet_ignore":   describe(list(text()), "codes of findings of vet that are meant"),
			"quiet_hours":  list(ref("quiet_hours")),
			"topics":       list(ref("topic")),
			"control":      node{"type": "number", "description": "the share that is held out from all but transactional messages, 0 to 1"},
			"events":       describe(mapOf(ref("declaration")), "what events carry, by name"),
		}),
		"declaration": object(node{
			"description": text(), "metadata": mapOf(ref("declared_key")),
			"others": words(beckon.OthersAccept, beckon.OthersWarn, beckon.OthersRefuse),
		}),
		"declared_key": object(node{
			"type": words(declared.TypeWords()...), "required": flag(),
			"values": node{"type": "array", "items": anyOf(node{"type": []any{"string", "number", "boolean"}}, ref("money"), object(node{"url": text(), "value": text()}, "url", "value"))},
		}),
		"topic": describe(object(node{
			"id": text(), "name": text(), "channels": describe(list(ref("channel")), "all if left out"), "opt_in": describe(flag(), "without a choice nobody gets it"),
		}), "what messages are about, for contacts to choose"),
		"quiet_hours": describe(object(node{
			"channels": describe(list(ref("channel")), "email, push and SMS if left out"), "timezone": text(), "contact_timezone": flag(),
			"windows": list(ref("window")), "then": describe(words(beckon.OutsideHold, beckon.OutsideDrop), "hold if left out"),
		}), "hours in which nothing but transactional messages goes out on these channels"),
		"office_hours": object(node{"timezone": text(), "windows": list(ref("window"))}),
		"window":       object(node{"days": list(ref("weekday")), "from": ref("time_of_day"), "to": ref("time_of_day")}),
		"cap":          object(node{"id": text(), "channel": ref("channel"), "tag": text(), "max": whole(1), "within": ref("duration")}),
		"message": object(node{
			"id":               text(),
			"name":             text(),
			"channel":          ref("channel"),
			"mode":             words(beckon.Triggered, beckon.Ongoing, beckon.OneOff),
			"status":           ref("status"),
			"live_at":          ref("instant"),
			"trigger":          ref("trigger"),
			"audience":         ref("rule"),
			"frequency":        ref("frequency"),
			"schedule":         ref("schedule"),
			"goal":             ref("goal"),
			"control":          node{"type": "number", "description": "the share that is held out, 0 to 1"},
			"priority":         node{"type": "integer"},
			"tags":             list(text()),
			"exempt_from_caps": flag(), "limited_by_caps": flag(), "counts_toward_caps": flag(),
			"transactional": flag(),
			"topic":         describe(text(), "one of the program's topics"),
			"show_until":    ref("instant"),
			"content":       ref("content"),
			"vet_ignore":    list(text()),
		}),
		"goal": object(node{"rule": ref("rule"), "within": ref("duration")}),
		"trigger": object(node{
			"event": text(), "where": ref("rule"),
			"unless":  anyOf(ref("unless"), node{"type": "array", "items": ref("unless"), "minItems": 1}),
			"recheck": describe(flag(), "the audience is judged again when the message goes out"),
			"date":    anyOf(text(), object(node{"metadata": name()}, "metadata")), "offset": ref("offset"),
			"at": ref("time_of_day"), "every": words(beckon.Yearly, beckon.Monthly, beckon.Weekly, beckon.Daily),
			"for":    describe(ref("duration"), "in-app: for so long visits show it"),
			"enters": describe(text(), "the name of a segment"), "leaves": describe(text(), "the name of a segment"),
			"attribute": text(), "from": describe(ref("attribute"), "the value before; left out: any"), "to": describe(ref("attribute"), "the value after; left out: any"),
		}),
		"unless": object(node{"event": text(), "within": ref("duration"), "same": text()}),
		"frequency": object(node{
			"every": describe(ref("duration"), "1m if left out"),
			"max":   describe(whole(1), "left out: until stopped"),
			"wait":  describe(ref("duration"), "how long what is throttled or capped waits for room"),
			"per":   describe(text(), "a metadata key: each of its values counts by itself"),
		}),
		"schedule": object(node{
			"start": ref("instant"), "stop": ref("instant"), "timezone": text(), "contact_timezone": flag(),
			"office_hours": flag(), "windows": list(ref("window")), "outside": words(beckon.OutsideDrop, beckon.OutsideHold),
		}),
		"content": object(node{
			"format": words(beckon.FormatText, beckon.FormatHTML), "subject": text(), "body": text(), "data": mapOf(text()),
			"text":       describe(text(), "beside a body in HTML: the same as text"),
			"parameters": describe(mapOf(text()), "values for a template of your own: its variables by name, such as event.order"),
			"missing":    words(beckon.MissingEmpty, beckon.MissingHold),
		}),
		"series": object(node{
			"id": text(), "status": ref("status"),
			"entry": object(node{"trigger": ref("trigger"), "audience": ref("rule")}),
			"exit":  ref("rule"), "reenter": flag(), "blocks": list(ref("block")),
			"reenter_after": ref("duration"), "max_entries": describe(whole(1), "the first included; left out: any number"), "goal": ref("goal"), "vet_ignore": list(text()),
		}),
		"block": object(node{
			"id": text(), "wait": ref("duration"), "rule": ref("rule"), "within": ref("duration"), "yes": text(), "no": text(),
			"message": ref("message"), "update": object(node{"attributes": ref("attributes")}), "exit": flag(), "next": text(),
			"wait_until": object(node{"at": ref("time_of_day"), "days": list(ref("weekday")), "contact_timezone": flag()}),
			"split":      list(object(node{"weight": node{"type": "number", "minimum": 0}, "next": text()})),
		}),
	}
}

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
	return node{"rule": rule(), "segment": rule("vet_ignore")}
}

// rule is one object whose members depend on each other: first what it may
// have at all, then which may stand together. More are those that go with all.
func rule(more ...string) node {
	between := []beckon.Op{beckon.OpBetween}
	order := append(orderOps(), between...)
	number := anyOf(node{"type": "number"}, ref("money"))
	scalar := anyOf(node{"type": []any{"string", "number", "boolean"}}, ref("money"))

	field := func(value node) node { return anyOf(value, ref("field")) }
	when := func(condition, then node) node { return node{"if": condition, "then": then} }
	has := func(member string, value node) node {
		return node{"properties": node{member: value}, "required": []string{member}}
	}
	takes := func(o, value node) node { return when(has("op", o), has("value", value)) }
	suits := func(condition, o node) node { return when(condition, node{"properties": node{"op": o}}) }

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
	day := pattern(dayPattern, "a day")
	dates := ops(spanOps(), dayOps(), presenceOps())
	properties := node{
		"all": list(ref("rule")), "any": list(ref("rule")), "not": ref("rule"),
		"user": name(), "company": name(), "event": name(), "metadata": name(), "message": name(), "segment": name(),
		"page":  words("url", "seconds"),
		"stat":  words(append(slices.Concat(eventStats(), valueStats()), beckon.StatSentCount, beckon.StatLastSent)...),
		"of":    name(),
		"op":    ops(equalOps(), textOps(), inOps(), order, spanOps(), dayOps(), listOps(), presenceOps()),
		"value": true, "within": ref("duration"), "where": ref("rule"), "since": words("entry"),
	}
	for _, codes := range more {
		properties[codes] = list(text())
	}
	return node{
		"type":                 "object",
		"additionalProperties": false,
		"properties":           properties,
		"oneOf": []any{
			alone("all"), alone("any"), alone("not"), alone("segment"),
			subject("user"), subject("company"), subject("metadata"), subject("page"), subject("event", "stat"), subject("message", "stat"),
		},
		"allOf": []any{
			stat("event", words(slices.Concat(eventStats(), valueStats())...)),
			stat("message", words(beckon.StatSentCount, beckon.StatLastSent)),
			when(node{"required": []string{"stat"}}, node{"anyOf": []any{node{"required": []string{"event"}}, node{"required": []string{"message"}}}}),
			when(node{"required": []string{"within"}}, node{"required": []string{"event"}, "properties": node{"stat": words(append(valueStats(), beckon.StatCount)...)}}),
			when(node{"required": []string{"of"}}, node{"required": []string{"event"}, "properties": node{"stat": words(valueStats()...)}}),
			when(has("stat", words(valueStats()...)), node{"required": []string{"of"}}),
			when(node{"required": []string{"where"}}, node{"required": []string{"event"}}),
			when(node{"required": []string{"since"}}, node{"required": []string{"event"}}),

			takes(ops(equalOps()), field(scalar)),
			takes(ops(inOps()), field(list(scalar))),
			takes(ops(textOps()), field(text())),
			takes(ops(orderOps()), field(number)),
			takes(ops(between), node{"type": "array", "items": number, "minItems": 2, "maxItems": 2}),
			takes(ops(spanOps()), ref("duration")),
			takes(ops([]beckon.Op{beckon.OpOn}), field(day)),
			takes(ops([]beckon.Op{beckon.OpAfter, beckon.OpBefore}), field(anyOf(day, ref("instant")))),
			takes(ops(listOps()), field(list(text()))),
			when(has("op", ops(presenceOps())), node{"properties": node{"value": false}}),

			suits(has("stat", words(beckon.StatCount, beckon.StatSentCount, beckon.StatSum, beckon.StatDistinct)), ops(equalOps(), order)),
			suits(has("stat", words(beckon.StatMin, beckon.StatMax, beckon.StatAverage)), ops(equalOps(), order, presenceOps())),
			suits(has("stat", words(beckon.StatFirst, beckon.StatLast, beckon.StatLastSent)), dates),
			suits(has("page", words("url")), ops(equalOps(), inOps(), textOps(), presenceOps())),
			suits(has("page", words("seconds")), ops(equalOps(), order, presenceOps())),
			suits(has("user", words(standardTexts()...)), ops(equalOps(), inOps(), textOps(), presenceOps())),
			suits(has("user", words(standardDates()...)), dates),
			suits(has("user", words("session_count")), ops(equalOps(), order, presenceOps())),
		},
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
