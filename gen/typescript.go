package gen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/beckon-go/beckon/value"
)

// TypeScript writes a module with an interface for each event's metadata, as JSON has it: dates
// are Unix seconds, money is in minor units. Events names them all, and Track is the type of
// a function that takes an event and its metadata, such as trackEvent of the script that
// package beckonhttp serves. Errors are as those of [Go].
func TypeScript(w io.Writer, events []Event) error {
	if err := check(events); err != nil {
		return err
	}
	names := scope{"Events": true, "Money": true, "RichLink": true, "Track": true, "UnixSeconds": true, "Value": true}
	var body, list bytes.Buffer
	for i := range events {
		e := &events[i]
		name := names.take(exported(e.Name, "Event"))
		body.WriteString("\n" + jsDoc("", strings.TrimSpace("The event "+quoteJS(e.Name)+".\n\n"+e.Description)))
		fmt.Fprintf(&body, "export interface %s {\n", name)
		for _, k := range ordered(e.Keys) {
			typ, note := k.typeScript()
			mark := "?"
			if k.Required {
				mark = ""
			}
			if note != "" {
				body.WriteString(jsDoc("  ", note))
			}
			fmt.Fprintf(&body, "  %s%s: %s;\n", property(k.Name), mark, typ)
		}
		if !e.Closed {
			body.WriteString("  [key: string]: Value | undefined;\n")
		}
		body.WriteString("}\n")
		fmt.Fprintf(&list, "  %s: %s;\n", property(e.Name), name)
	}
	_, err := io.WriteString(w, header+"\n\n"+prelude+body.String()+"\n/** All events, by their names. */\nexport interface Events {\n"+list.String()+"}\n"+trackType)
	return err
}

const prelude = `/** Whole seconds since 1970, in UTC. */
export type UnixSeconds = number;

/** An amount in minor units (cents), and an ISO 4217 code. */
export interface Money {
  amount: number;
  currency: string;
}

/** A link with its title, the value. */
export interface RichLink {
  url: string;
  value: string;
}

/** What metadata may be. */
export type Value = string | number | boolean | Money | RichLink;
`

const trackType = `
/** A function that tracks an event. */
export type Track = <Name extends keyof Events>(event: Name, metadata: Events[Name]) => void;
`

// typeScript returns the type of a key, and what there is to say of it.
func (k *Key) typeScript() (typ, note string) {
	typ = "Value"
	switch k.Type {
	case "string":
		typ = "string"
	case "link":
		typ, note = "string", "A link."
	case "image":
		typ, note = "string", "A link to an image."
	case "stripe":
		typ, note = "string", "An identifier of Stripe."
	case "number":
		typ = "number"
	case "boolean":
		typ = "boolean"
	case "date":
		typ = "UnixSeconds"
	case "monetary":
		typ = "Money"
	case "rich_link":
		typ = "RichLink"
	}
	if len(k.Values) > 0 {
		parts := make([]string, len(k.Values))
		for i, v := range k.Values {
			parts[i] = literal(v)
		}
		typ = strings.Join(parts, " | ")
	}
	return typ, note
}

// literal writes a value as a type that has only this value.
func literal(v value.Value) string {
	switch {
	case isText(v):
		return quoteJS(v.Text())
	case v.Kind() == value.KindMonetary:
		minor, _ := v.Amount()
		currency, _ := v.Currency()
		return fmt.Sprintf("{ amount: %d; currency: %s }", minor, quoteJS(currency))
	case v.Kind() == value.KindRichLink:
		url, _ := v.URL()
		title, _ := v.Title()
		return "{ url: " + quoteJS(url) + "; value: " + quoteJS(title) + " }"
	}
	return v.Text()
}

// quoteJS writes a text as JavaScript has it, which is as JSON has it. What is not printable
// is escaped.
func quoteJS(s string) string {
	var doc, b strings.Builder
	e := json.NewEncoder(&doc)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // cannot fail for a string
	for _, r := range strings.TrimSuffix(doc.String(), "\n") {
		switch {
		case printable(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\u{%x}`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

var plainProperty = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// property writes a name of a member.
func property(name string) string {
	if plainProperty.MatchString(name) {
		return name
	}
	return quoteJS(name)
}

// jsDoc writes a comment before what it is about.
func jsDoc(indent, text string) string {
	text = strings.ReplaceAll(text, "*/", "* /")
	if !strings.Contains(text, "\n") {
		return indent + "/** " + plain(text) + " */\n"
	}
	return indent + "/**\n" + comment(strings.Split(text, "\n"), indent+" * ") + indent + " */\n"
}
