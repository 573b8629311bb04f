package words_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/iso4217"
)

const months = `(?:January|February|March|April|May|June|July|August|September|October|November|December)`

func (in *reader) day() string {
	m := in.match(`[0-9]{1,2} ` + months + ` [0-9]{4}`)
	if m == nil {
		panic("expected a day")
	}
	t, err := time.Parse("2 January 2006", m[0])
	if err != nil {
		panic(err)
	}
	return t.Format(time.DateOnly)
}

func (in *reader) instant() any {
	if !regexp.MustCompile(`^[0-9]`).MatchString(in.rest) {
		return in.value()
	}
	day := in.day()
	m := in.match(` at ([0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]+)?)? (UTC|[+-][0-9]{2}:[0-9]{2})`)
	if m == nil {
		panic("expected an instant")
	}
	if m[2] == "" {
		m[2] = ":00"
	}
	return day + "T" + m[1] + m[2] + strings.Replace(m[3], "UTC", "Z", 1)
}

// value reads one value.
func (in *reader) value() any {
	for _, word := range []string{"the empty text ", "the text "} {
		if in.has(word) {
			return in.quoted()
		}
	}
	switch {
	case strings.HasPrefix(in.rest, `"`):
		return in.quoted()
	case in.has("the contact's "):
		return beckon.User(in.name())
	case in.has("the company's "):
		return beckon.Company(in.name())
	case in.has("the event's "):
		return beckon.Metadata(in.name())
	case in.has("the triggering event's "):
		return beckon.TriggerMetadata(in.name())
	}
	if m := in.match(`(true|false)\b`); m != nil {
		return m[1] == "true"
	}
	if m := in.match(`(-?[0-9][0-9.eE+-]*) minor units of `); m != nil {
		return in.operand(`{"amount":` + m[1] + `,"currency":` + jsonOf(in.quoted()) + `}`)
	}
	before := in.rest
	if m := in.match(`(-?)([0-9]+)(?:\.([0-9]+))? ([A-Za-z]{3})\b`); m != nil && isCurrency(m[4]) {
		digits := strings.TrimLeft(m[2]+m[3], "0")
		if digits == "" {
			digits = "0"
		}
		return in.operand(`{"amount":` + m[1] + digits + `,"currency":"` + m[4] + `"}`)
	}
	in.rest = before
	if m := in.match(`-?[0-9](?:[0-9.]|[eE][+-]?)*`); m != nil {
		return json.Number(m[0])
	}
	panic("expected a value")
}

func isCurrency(code string) bool {
	_, known := iso4217.Lookup(code)
	return known
}

func (in *reader) operand(doc string) (o beckon.Operand) {
	if err := json.Unmarshal([]byte(doc), &o); err != nil {
		panic(err)
	}
	return o
}

func jsonOf(v any) string {
	doc, _ := json.Marshal(v)
	return string(doc)
}
