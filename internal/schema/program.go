package schema

import (
	"math"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/declared"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/value"
)

// What a document may say of a whole number.
const (
	maxWhole    = 999_999_999_999_999
	minPriority = -1_000_000_000
)

// What stands in patterns. Characters beyond these two kinds stand for themselves.
const (
	controls = `\x00-\x1f\x7f-\x9f`
	spaces   = "\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
	blanks   = `\t-\r \x85` + spaces // are taken from both ends of a name (E2)
)

// values are the small types that many documents share.
func values() node {
	const (
		years     = `([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])` // from the year 1 on
		date      = `((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))`
		clock     = `([01][0-9]|2[0-3]):[0-5][0-9]`
		noControl = `[^` + controls + `]`
		inName    = `[^ ` + controls + spaces + `]`
	)
	const units = `((0|[1-9][0-9]*)w)?((0|[1-9][0-9]*)d)?((0|[1-9][0-9]*)h)?((0|[1-9][0-9]*)m)?((0|[1-9][0-9]*)s)?`
	return node{
		"duration":   node{"type": "string", "pattern": "^" + units + "$", "minLength": 2, "description": "90s, 15m, 12h, 7d, 2w, or combined: 1d12h"},
		"offset":     node{"type": "string", "pattern": "^-?" + units + "$", "minLength": 2, "description": "days, hours or minutes, negative before the date: -3d"},
		"span":       node{"allOf": []any{ref("duration"), node{"pattern": "[1-9]"}}, "description": "a duration that is longer than no time"},
		"days":       node{"type": "string", "pattern": `^((0|[1-9][0-9]*)w)?((0|[1-9][0-9]*)d)?$`, "minLength": 2, "description": "whole days: 7d, 2w"},
		"day":        pattern("^"+years+"-"+date+"$", "a day: 2026-01-02"),
		"instant":    node{"type": "string", "format": "date-time", "pattern": "^[0-9]{4}-" + date + `[Tt]` + clock + `:[0-5][0-9](\.[0-9]+)?([Zz]|[+-]` + clock + `)$`, "description": "RFC 3339"},
		"event_name": pattern(`^`+`[`+blanks+`]*`+inName+`(`+noControl+`{0,253}`+inName+`)?[`+blanks+`]*$`, "up to 255 characters; their case does not count"),
		"key": node{
			"type": "string", "minLength": 1, "maxLength": value.MaxMetadataKeyLength,
			"pattern": `^[^.$~` + "`" + `!@#%^&*'"{}|\\` + controls + `]*$`, "description": "a key of metadata",
		},
		"time_of_day": pattern(`^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`, "on the wall clock, 24:00 is the end of the day"),
		"weekday":     words("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
		"channel": anyOf(
			words(plan.Channels()...),
			pattern(`^`+plan.CustomPrefix+`[\s\S]+$`, "the host's own"),
		),
		"status":   words(beckon.Draft, beckon.Live, beckon.Paused, beckon.Stopped),
		"currency": pattern("^[A-Za-z]{3}$", "ISO 4217, any letter case"),
		"money": object(node{"amount": node{"type": "number", "minimum": math.MinInt64, "maximum": math.MaxInt64, "description": "in minor units"}, "currency": ref("currency")},
			"amount", "currency"),
		"name": node{"type": "string", "minLength": 1, "maxLength": rule.MaxText},
		// attribute is what an attribute can be; null unsets.
		"attribute":      anyOf(node{"type": []any{"number", "boolean", "null"}}, ref("attribute_text"), node{"type": "array", "items": ref("attribute_text"), "maxItems": value.MaxListLength}),
		"attribute_text": node{"type": "string", "maxLength": value.MaxAttributeLength},
		"attributes":     mapOf(ref("attribute")),
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
			"values": list(ref("metadata")),
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
			"priority":         node{"type": "integer", "minimum": minPriority, "maximum": maxWhole},
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
			"date":    anyOf(text(), object(node{"metadata": ref("name")}, "metadata")), "offset": ref("offset"),
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
