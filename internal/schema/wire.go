package schema

import (
	"maps"
	"math"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// minSeconds is the first second of the year 1, maxSeconds the last of the year
// 9999.
const (
	minSeconds int64 = -62135596800
	maxSeconds int64 = 253402300799
)

// identifier is what names a contact, a company or an event: an integer is taken
// as its digits.
func identifier() node { return node{"type": []any{"string", "integer"}} }

// identity are the members that name a contact.
func identity() node {
	return node{"user_id": orNull(identifier()), "id": orNull(identifier()), "email": orNull(identifier()), "anonymous_id": orNull(identifier())}
}

// with returns properties and more.
func with(properties, more node) node {
	all := maps.Clone(properties)
	maps.Copy(all, more)
	return all
}

// wire are the documents that come from clients and go to them.
func wire() node {
	source := words(append(event.Sources(), "")...)
	// Of an event identities are judged at once. One that is blank is none.
	short, given := identifier(), identifier()
	short["maxLength"], given["pattern"] = store.MaxIdentityLength, "[^"+blanks+"]"
	pageProperties := node{"url": orNull(node{"type": "string", "maxLength": store.MaxPageURLLength}), "seconds": orNull(node{"type": "number", "minimum": 0})}
	standard := node{}
	for _, name := range standardTexts() {
		standard[name] = orNull(ref("attribute_text"))
	}
	for name := range identity() {
		id := identifier()
		id["maxLength"] = value.MaxAttributeLength
		standard[name] = orNull(id)
	}
	for _, name := range standardDates() {
		standard[name] = orNull(ref("date"))
	}
	standard["session_count"] = orNull(node{"type": "number"})
	return node{
		"date": anyOf(ref("instant"), describe(node{"allOf": []any{ref("day")}}, "a day, from its first instant in the workspace's zone"), node{"type": "integer", "minimum": minSeconds, "maximum": maxSeconds}),

		// Real clients send extras with an event: they are ignored.
		"event": node{
			"type":     "object",
			"required": []string{"event_name"},
			"anyOf": []any{
				has("user_id", given), has("id", given), has("email", given), has("anonymous_id", given),
			},
			"properties": node{
				"user_id": orNull(short), "id": orNull(short), "email": orNull(short), "anonymous_id": orNull(short),
				"event_name": ref("event_name"),
				"created_at": orNull(node{"type": "integer", "minimum": 0, "maximum": maxSeconds, "description": "Unix seconds"}),
				"event_id":   orNull(short),
				"company_id": orNull(short),
				"import":     orNull(flag()),
				"source":     orNull(source),
				"page":       orNull(node{"type": "object", "properties": pageProperties}),
				// Further keys than these are dropped, whatever they are (M1).
				"metadata": anyOf(both(node{"type": "object"}, when(node{"maxProperties": value.MaxMetadataKeys}, node{"propertyNames": ref("key"), "additionalProperties": ref("metadata")})),
					node{"type": "array", "maxItems": 0}, node{"type": "null"}),
			},
		},
		"metadata": anyOf(node{"type": []any{"number", "boolean"}}, node{"type": "string", "maxLength": value.MaxStringLength}, ref("link"), ref("money"),
			object(node{"url": ref("link"), "value": node{"type": "string", "maxLength": value.MaxStringLength}}, "url", "value")),
		"link":     node{"type": "string", "maxLength": value.MaxURLLength, "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"},
		"identity": object(identity()),
		"visit":    object(with(identity(), node{"page": orNull(object(pageProperties)), "source": orNull(source)})),
		"contact": object(with(standard, node{
			"unsubscribed":  describe(orNull(list(text())), "a channel, or a channel and a tag: email, push:promo"),
			"topics":        describe(orNull(mapOf(orNull(flag()))), "choices by the topic's id, null takes one back"),
			"snoozed_until": describe(anyOf(ref("instant"), node{"type": "integer", "minimum": minSeconds, "maximum": maxSeconds}, node{"type": "null"}), "only transactional messages go out before it; null ends it"),
			"attributes":    orNull(ref("contact_attributes")),
			"companies":     orNull(list(ref("membership"))),
		})),
		"contact_attributes": node{"type": "object", "properties": standard, "additionalProperties": ref("attribute")},
		"membership": object(node{
			"company_id": identifier(), "name": orNull(text()), "remove": describe(orNull(flag()), "the contact leaves the company"),
			"attributes": orNull(node{"type": "object", "properties": node{"name": orNull(text())}, "additionalProperties": ref("attribute")}),
		}),

		"result": object(node{
			"event_id": text(), "duplicate": flag(), "deliveries": list(ref("delivery")), "held": list(ref("held")), "warnings": list(ref("warning")),
		}, "duplicate", "deliveries", "held", "warnings"),
		"delivery": object(node{
			"id": text(), "message": text(), "channel": ref("channel"), "user_id": text(), "contact_id": text(), "email": text(), "anonymous_id": text(),
			"company_id": text(), "sequence": whole(1), "at": ref("instant"), "subject": text(), "format": words("html"), "body": text(), "text": text(), "data": mapOf(text()), "parameters": mapOf(anyOf(node{"type": []any{"string", "number", "boolean"}}, ref("money"), object(node{"url": text(), "value": text()}, "url", "value"), list(text()))), "series": text(), "attempt": whole(1), "postponed": whole(1), "composed": flag(),
		}, "id", "message", "channel", "user_id", "company_id", "sequence", "at", "subject", "body", "data"),
		"held": object(node{
			"message": text(), "company_id": text(), "reason": words(plan.Reasons()...), "retry_at": ref("instant"), "cap": text(),
		}, "message", "company_id", "reason"),
		"warning": object(node{"code": text(), "field": text(), "message": text()}, "code", "message"),
		"error":   object(node{"code": text(), "field": text(), "path": text(), "message": text(), "retry_at": ref("instant")}, "code", "message"),
	}
}

// scenario is the document of a test. What a step passes to the engine (an
// event, a contact, a program) may be wrong on purpose, so it is not described
// there.
func scenario() node {
	empty := object(node{})
	either := object(node{"message": text(), "series": text()})
	event := object(node{"event": text()})
	refusal := object(with(identity(), node{"from": describe(text(), "a channel, or a channel and a tag: email, push:promo")}), "from")
	anything := node{}
	verbs := node{
		"contact": anything, "track": anything, "track_json": text(), "visit": anything, "sweep": empty, "due": empty,
		"check": anything, "send": object(node{"message": text(), "sample": node{"type": "integer"}, "only": anything}),
		"send_to": object(node{"contact": anything, "message": anything}),
		"merge":   object(node{"from": anything, "into": anything}), "archive": event, "unarchive": event, "publish": anything,
		"pause": either, "resume": either, "stop": either,
		"release":     object(node{"message": text(), "user_id": identifier(), "id": identifier(), "email": identifier(), "anonymous_id": identifier()}),
		"unsubscribe": refusal, "resubscribe": refusal,
		"delete": anything, "totals": either, "match": anything,
		"messages": object(node{
			"mode": words(plan.Triggered, plan.Ongoing, plan.OneOff), "channel": ref("channel"), "status": ref("status"),
			"live_from": ref("instant"), "live_before": ref("instant"), "sent_from": ref("instant"), "sent_before": ref("instant"),
			"at_least": ref("totals"), "fewer": ref("totals"),
		}),
	}
	var one []any
	properties := node{"at": ref("instant"), "want": ref("want")}
	for _, verb := range []string{
		"contact", "track", "track_json", "visit", "sweep", "due", "check", "send", "send_to", "merge", "archive", "unarchive",
		"publish", "pause", "resume", "stop", "release", "unsubscribe", "resubscribe", "delete", "totals", "messages", "match",
	} {
		properties[verb] = verbs[verb]
		one = append(one, node{"required": []string{verb}})
	}
	step := object(properties)
	step["oneOf"] = one
	count := node{"type": "integer", "minimum": math.MinInt64, "maximum": math.MaxInt64}
	totals := node{"sent": count, "held": mapOf(count), "control": count, "converted": count, "judged": count, "followed": count, "control_converted": count, "given_up": count}
	return node{
		"scenario": object(node{
			"name": text(), "program": anything, "program_file": describe(text(), "instead of program: its file, or the folder of its files, relative to this one"), "steps": node{"type": "array", "minItems": 1, "prefixItems": []any{both(ref("step"), node{"required": []string{"at"}})}, "items": ref("step")},
			"options": object(node{
				"strict_metadata": flag(), "lenient_metadata": flag(), "known_contacts_only": flag(), "event_names_limit": count, "outbox": flag(), "foreign_companies": flag(), "exact_email": flag(),
				"source_channels": mapOf(list(text())),
			}),
		}, "steps"),
		"step": step,
		"want": object(node{
			"sent": list(object(node{
				"message": text(), "user_id": identifier(), "id": identifier(), "contact_id": identifier(), "email": identifier(), "anonymous_id": identifier(), "company_id": identifier(),
				"subject": text(), "format": text(), "body": text(), "text": text(), "channel": text(), "series": text(), "sequence": count, "body_contains": list(text()), "data": mapOf(text()), "parameters": node{"type": "object"},
			})),
			"held":      describe(mapOf(text()), "message or message@company: reason"),
			"errors":    list(object(node{"code": text(), "field": text(), "path": text(), "retry_at": ref("instant")})),
			"warnings":  list(text()),
			"duplicate": flag(), "rejected": flag(),
			"retry_at": describe(mapOf(orNull(ref("instant"))), "message or message@company: when, null for never"),
			"cap":      describe(mapOf(text()), "message or message@company: the id of the cap that held it, empty for none"),
			"totals":   object(with(maps.Clone(totals), node{"entered": count, "blocks": mapOf(count), "finished": count, "exited": count})),
			"contacts": list(identifier()),
			"messages": list(text()),
		}),
		"totals": object(totals),
	}
}
