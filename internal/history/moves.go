package history

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

func pick[T any](d Dice, list []T) T { return list[d.IntN(len(list))] }

// Draw returns a random move.
func (p *Program) Draw(d Dice) Move {
	m := p.words.draw(d)
	m.wait = p.words.wait(d)
	return m
}

// wait draws how long it is until a move.
func (v *vocabulary) wait(d Dice) wait {
	beside := pick(d, []time.Duration{0, time.Second, -time.Second, time.Millisecond, -time.Millisecond})
	switch n := d.IntN(12); {
	case n < 4:
		return wait{}
	case n < 8:
		return wait{span: pick(d, v.spans) + beside}
	case n < 9:
		return wait{span: time.Duration(d.IntN(72*60)) * time.Minute}
	case n < 10 && len(v.instants) > 0:
		return wait{instant: pick(d, v.instants), span: beside}
	case len(v.clocks) > 0:
		zone, err := time.LoadLocation(pick(d, v.zones))
		if err != nil {
			zone = time.UTC
		}
		return wait{clock: pick(d, v.clocks), zone: zone, span: beside}
	}
	return wait{span: time.Hour}
}

// who draws one of a few contacts.
func who(d Dice) object {
	switch n := d.IntN(16); n {
	case 15:
		return object{"anonymous_id": "v1"}
	case 14:
		return object{"id": "lead"}
	case 13:
		return object{"email": "eve@x.test"}
	case 10, 11, 12:
		return object{"user_id": "u2"}
	}
	return object{"user_id": "u1"}
}

// draw draws what happens.
func (v *vocabulary) draw(d Dice) Move {
	switch n := d.IntN(100); {
	case n < 40:
		return Move{verb: "track", arg: v.track(d)}
	case n < 60:
		return Move{verb: "contact", arg: v.contact(d)}
	case n < 68:
		arg := who(d)
		v.page(d, arg)
		return Move{verb: "visit", arg: arg}
	case n < 76:
		return Move{verb: "due", arg: object{}}
	case n < 81:
		return Move{verb: "sweep", arg: object{}}
	case n < 85:
		return Move{verb: "check", arg: who(d)}
	case n < 87:
		return Move{verb: "merge", arg: object{"from": who(d), "into": who(d)}}
	case n < 90 && len(v.oneOffs) > 0:
		return Move{verb: "send", arg: object{"message": pick(d, v.oneOffs)}}
	case n < 95 && len(v.refusals) > 0:
		arg := who(d)
		arg["from"] = pick(d, v.refusals)
		return Move{verb: pick(d, []string{"unsubscribe", "unsubscribe", "resubscribe"}), arg: arg}
	case n < 98:
		return v.turn(d)
	case n < 99:
		return Move{verb: "delete", arg: who(d)}
	}
	return Move{verb: pick(d, []string{"archive", "unarchive"}), arg: object{"event": pick(d, v.names)}}
}

// turn draws a pause or its end, of a message or a series.
func (v *vocabulary) turn(d Dice) Move {
	verb := pick(d, []string{"pause", "resume", "resume", "pause", "stop"})
	n := d.IntN(len(v.messages) + len(v.series) + 1)
	switch {
	case n < len(v.messages):
		return Move{verb: verb, arg: object{"message": v.messages[n]}}
	case n < len(v.messages)+len(v.series):
		return Move{verb: verb, arg: object{"series": v.series[n-len(v.messages)]}}
	}
	return Move{verb: "due", arg: object{}}
}

func (v *vocabulary) track(d Dice) object {
	arg := who(d)
	name := pick(d, v.names)
	arg["event_name"] = name
	keys := v.events[name]
	metadata := object{}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if len(keys[key]) > 0 && d.IntN(8) > 0 {
			metadata[key] = v.value(d, keys[key])
		}
	}
	if len(metadata) > 0 {
		arg["metadata"] = metadata
	}
	switch d.IntN(12) {
	case 1:
		arg["created_at"] = relative{-pick(d, v.spans), true}
	case 2:
		arg["event_id"] = fmt.Sprint("e", d.IntN(3))
	case 3:
		arg["company_id"] = pick(d, companies)
	case 4:
		arg["source"] = "rest"
	case 5:
		v.page(d, arg)
	case 6:
		arg["created_at"], arg["import"] = relative{-pick(d, v.spans), true}, true
	}
	return arg
}

// page adds the page that the contact is on, if rules ask for one.
func (v *vocabulary) page(d Dice, arg object) {
	if len(v.urls)+len(v.seconds) == 0 || d.IntN(3) == 0 {
		return
	}
	page := object{"url": "https://shop.example/"}
	if len(v.urls) > 0 {
		page["url"] = pick(d, v.urls)
	}
	if len(v.seconds) > 0 {
		page["seconds"] = pick(d, v.seconds)
	}
	arg["page"] = page
}

// others are values that no rule was read for, of every type. Some are hard to print.
var others = []any{"another", json.Number("0"), true, "", "<b>\u202e\"'\\", []any{"another"}} //nolint:gochecknoglobals // a table that nothing writes to

var companies = []string{"acme", "globex"} //nolint:gochecknoglobals // a table that nothing writes to

// value draws one of the values that the program tells apart, and now and then another.
func (v *vocabulary) value(d Dice, list []any) any {
	if len(list) == 0 || d.IntN(20) == 19 {
		x := pick(d, others)
		if _, is := x.([]any); is && len(list) > 0 { // metadata has no lists
			return "another"
		}
		return x
	}
	return pick(d, list)
}

// kept are attributes that no update may set, or that say who the contact is.
var kept = []string{"user_id", "id", "anonymous_id", "last_seen_at", "first_seen_at", "session_count"} //nolint:gochecknoglobals // a table that nothing writes to

func (v *vocabulary) contact(d Dice) object {
	arg := who(d)
	attributes := object{}
	for _, key := range slices.Sorted(maps.Keys(v.users)) {
		if !slices.Contains(kept, key) && d.IntN(6) > 0 {
			attributes[key] = v.attribute(d, key, v.users[key])
		}
	}
	if arg["email"] != nil { // whose record is known by it
		delete(attributes, "email")
	}
	if len(attributes) > 0 {
		arg["attributes"] = attributes
	}
	switch d.IntN(8) {
	case 1:
		arg["timezone"] = pick(d, v.zones)
	case 2:
		arg["snoozed_until"] = relative{pick(d, v.spans), false}
	case 3:
		if len(v.topics) > 0 {
			arg["topics"] = object{pick(d, v.topics): d.IntN(2) == 0}
		}
	case 4, 5:
		company := object{"company_id": pick(d, companies)}
		data := object{}
		for _, key := range slices.Sorted(maps.Keys(v.companies)) {
			data[key] = v.attribute(d, key, v.companies[key])
		}
		if name, is := data["name"].(string); is {
			company["name"] = name
		}
		delete(data, "name")
		if len(data) > 0 {
			company["attributes"] = data
		}
		if d.IntN(5) == 4 {
			company = object{"company_id": company["company_id"], "remove": true}
		}
		arg["companies"] = []any{company}
	}
	return arg
}

// attribute draws a value that an attribute may have.
func (v *vocabulary) attribute(d Dice, key string, list []any) any {
	x := v.value(d, list)
	if money, is := x.(object); is {
		x = money["amount"]
	}
	switch key {
	case "email":
		return pick(d, []string{"ann@x.test", "bob@x.test"})
	case "timezone":
		return pick(d, v.zones)
	case "created_at", "signed_up_at", "last_contacted_at":
		if len(list) == 0 {
			return relative{-time.Hour, false}
		}
		return pick(d, list)
	case "role":
		return pick(d, []string{"user", "lead", "visitor"})
	case "name", "phone", "language":
		if _, text := x.(string); !text {
			return "Ann"
		}
	}
	if d.IntN(20) == 19 {
		return nil
	}
	return x
}
