package words

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/iso4217"
)

// A kind is what an operand is.
type kind uint8

const (
	none kind = iota // nothing, or what cannot be written
	text
	number
	boolean
	money
	field
	list
)

// An operand is the value of a condition, taken apart.
type operand struct {
	kind kind
	text string // a text, the literal of a number, of a boolean or of an amount, a field's name
	of   string // whose field it is; the currency of money
	list []operand
}

// operandOf takes an operand apart, by its JSON.
func operandOf(o beckon.Operand) operand {
	doc, err := o.MarshalJSON()
	if err != nil {
		return operand{}
	}
	return operandFrom(doc)
}

// operandFrom takes apart what a condition, or a value, is in JSON.
func operandFrom(doc []byte) operand {
	dec := json.NewDecoder(strings.NewReader(string(doc)))
	dec.UseNumber() // literals as they were written
	var v any
	if dec.Decode(&v) != nil {
		return operand{}
	}
	return operandMade(v)
}

func operandMade(v any) operand {
	switch v := v.(type) {
	case string:
		return operand{kind: text, text: v}
	case json.Number:
		return operand{kind: number, text: v.String()}
	case bool:
		return operand{kind: boolean, text: strconv.FormatBool(v)}
	case []any:
		o := operand{kind: list}
		for _, e := range v {
			o.list = append(o.list, operandMade(e))
		}
		return o
	case map[string]any:
		return operandOfObject(v)
	}
	return operand{}
}

// operandOfObject takes money or a field.
func operandOfObject(v map[string]any) operand {
	amount, ok := v["amount"].(json.Number)
	if currency, is := v["currency"].(string); ok && is {
		return operand{kind: money, text: amount.String(), of: currency}
	}
	for _, whose := range []string{"user", "company", "metadata", "trigger"} {
		if name, ok := v[whose].(string); ok && len(v) == 1 {
			return operand{kind: field, text: name, of: whose}
		}
	}
	return operand{}
}

// String says what an operand is: of a field, what holds it.
func (o operand) String() string {
	switch o.kind {
	case text:
		return quoteText(o.text)
	case money:
		return moneyWords(o.text, o.of)
	case field:
		return fieldWords(o.of, o.text)
	case list:
		return listWords(o.list)
	}
	return o.text
}

// listWords joins what a list has. A comma never joins conditions.
func listWords(l []operand) string {
	if len(l) == 0 {
		return "nothing"
	}
	parts := make([]string, len(l))
	for i, o := range l {
		parts[i] = o.String()
	}
	return strings.Join(parts, ", ")
}

// looksOtherwise finds text that a reader may take for a number, yes or no, a date or a
// duration.
var looksOtherwise = regexp.MustCompile(`^(?:-?[0-9][0-9.,:eE+TZtz-]*|(?:[0-9]+[wdhms])+|(?i:true|false|yes|no|null|unknown)|)$`)

// quoteText writes a text in quotes, and calls it one if it could be taken for another
// thing.
func quoteText(s string) string {
	switch {
	case s == "":
		return `the empty text ""`
	case looksOtherwise.MatchString(s):
		return "the text " + strconv.Quote(s)
	}
	return strconv.Quote(s)
}

var integer = regexp.MustCompile(`^-?(?:0|[1-9][0-9]{0,98})$`)

// moneyWords writes an amount in minor units: 50000 of eur is 500.00 eur. What is no whole
// amount of a known currency is said to be in minor units.
func moneyWords(amount, currency string) string {
	c, known := iso4217.Lookup(currency)
	if !known || !integer.MatchString(amount) || amount == "-0" {
		return amount + " minor units of " + strconv.Quote(currency)
	}
	digits, sign := amount, ""
	if digits[0] == '-' {
		digits, sign = digits[1:], "-"
	}
	if n := int(c.Digits); n > 0 {
		if len(digits) <= n {
			digits = strings.Repeat("0", n+1-len(digits)) + digits
		}
		digits = digits[:len(digits)-n] + "." + digits[len(digits)-n:]
	}
	return sign + digits + " " + currency
}

// fieldWords names what holds a value.
func fieldWords(whose, name string) string {
	switch whose {
	case "user":
		return "the contact's " + nameWords(name)
	case "company":
		return "the company's " + nameWords(name)
	case "trigger":
		return "the triggering event's " + nameWords(name)
	}
	return "the event's " + nameWords(name)
}

var plainName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// grammar are words that sentences are made of: a name like them stands in quotes.
var grammar = map[string]bool{ //nolint:gochecknoglobals // a table that nothing writes to
	"after": true, "all": true, "also": true, "and": true, "any": true, "are": true, "at": true, "before": true, "contains": true, "did": true,
	"does": true, "ends": true, "everyone": true, "false": true, "for": true, "from": true, "has": true, "if": true, "in": true, "is": true, "it": true,
	"matches": true, "never": true, "no": true, "none": true, "not": true, "nothing": true, "of": true, "on": true, "or": true, "over": true, "since": true,
	"starts": true, "that": true, "the": true, "then": true, "times": true, "to": true, "true": true, "unknown": true, "was": true, "when": true,
	"where": true, "with": true,
}

// nameWords writes the name of an attribute or a key, in quotes if it is not one plain word.
func nameWords(name string) string {
	if plainName.MatchString(name) && !grammar[name] {
		return name
	}
	return strconv.Quote(name)
}
