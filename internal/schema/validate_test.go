package schema_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// A validator knows the few words of JSON Schema that our schemas use, and
// panics at any other: a word that is not checked would prove nothing.
type validator struct{ root map[string]any }

func (v validator) valid(schema, doc any) bool { return v.problem(schema, doc, "$") == "" }

// problem returns what is wrong with doc, empty if nothing.
func (v validator) problem(schema, doc any, at string) string {
	s, ok := schema.(map[string]any)
	if !ok {
		if schema == true {
			return ""
		}
		return at + " is not allowed"
	}
	for word, arg := range s {
		if p := v.word(s, word, arg, doc, at); p != "" {
			return p
		}
	}
	return ""
}

func (v validator) word(s map[string]any, word string, arg, doc any, at string) string {
	object, isObject := doc.(map[string]any)
	array, isArray := doc.([]any)
	text, isText := doc.(string)
	number, isNumber := doc.(float64)
	wrong := func(bad bool) string {
		if bad {
			return fmt.Sprintf("%s: %s %v", at, word, arg)
		}
		return ""
	}
	switch word {
	case "$schema", "$id", "$defs", "title", "description", "format", "then":
	case "$ref":
		return v.problem(v.root["$defs"].(map[string]any)[strings.TrimPrefix(arg.(string), "#/$defs/")], doc, at)
	case "type":
		types, several := arg.([]any)
		if !several {
			types = []any{arg}
		}
		for _, t := range types {
			if typeOf(doc) == t || t == "number" && typeOf(doc) == "integer" {
				return ""
			}
		}
		return wrong(true)
	case "enum":
		for _, e := range arg.([]any) {
			if reflect.DeepEqual(e, doc) {
				return ""
			}
		}
		return wrong(true)
	case "properties":
		for name, inner := range arg.(map[string]any) {
			if value, there := object[name]; there {
				if p := v.problem(inner, value, at+"."+name); p != "" {
					return p
				}
			}
		}
	case "additionalProperties":
		known, _ := s["properties"].(map[string]any)
		for name, value := range object {
			if _, ok := known[name]; !ok {
				if p := v.problem(arg, value, at+"."+name); p != "" {
					return p
				}
			}
		}
	case "required":
		for _, name := range arg.([]any) {
			if _, there := object[name.(string)]; isObject && !there {
				return wrong(true)
			}
		}
	case "maxProperties":
		return wrong(isObject && len(object) > int(arg.(float64)))
	case "items":
		first, _ := s["prefixItems"].([]any)
		for i, item := range array[min(len(first), len(array)):] {
			if p := v.problem(arg, item, fmt.Sprintf("%s[%d]", at, i)); p != "" {
				return p
			}
		}
	case "prefixItems":
		for i, item := range arg.([]any) {
			if i < len(array) {
				if p := v.problem(item, array[i], fmt.Sprintf("%s[%d]", at, i)); p != "" {
					return p
				}
			}
		}
	case "minItems":
		return wrong(isArray && len(array) < int(arg.(float64)))
	case "maxItems":
		return wrong(isArray && len(array) > int(arg.(float64)))
	case "not":
		return wrong(v.valid(arg, doc))
	case "pattern":
		return wrong(isText && !compiled(arg.(string)).MatchString(text))
	case "minLength":
		return wrong(isText && utf8.RuneCountInString(text) < int(arg.(float64)))
	case "maxLength":
		return wrong(isText && utf8.RuneCountInString(text) > int(arg.(float64)))
	case "minimum":
		return wrong(isNumber && number < arg.(float64))
	case "maximum":
		return wrong(isNumber && number > arg.(float64))
	case "anyOf", "oneOf":
		n, last := 0, ""
		for _, one := range arg.([]any) {
			p := v.problem(one, doc, at)
			if p == "" {
				n++
			}
			if len(p) > 0 && !strings.HasPrefix(p, at+":") {
				last = p
			}
		}
		if n == 0 && word == "anyOf" && last != "" { // one that is right at this level
			return last
		}
		return wrong(n == 0 || word == "oneOf" && n > 1)
	case "allOf":
		for _, one := range arg.([]any) {
			if p := v.problem(one, doc, at); p != "" {
				return p
			}
		}
	case "propertyNames":
		members, _ := doc.(map[string]any)
		for name := range members {
			if p := v.problem(arg, name, at); p != "" {
				return p
			}
		}
	case "if":
		if v.valid(arg, doc) {
			return v.problem(s["then"], doc, at)
		}
	default:
		panic("the validator does not know " + word)
	}
	return ""
}

func typeOf(doc any) string {
	switch d := doc.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case float64:
		if d == math.Trunc(d) {
			return "integer"
		}
	}
	return "number"
}

// patterns are those of schemas, compiled once.
var patterns sync.Map

func compiled(pattern string) *regexp.Regexp {
	if p, ok := patterns.Load(pattern); ok {
		return p.(*regexp.Regexp)
	}
	p := regexp.MustCompile(pattern)
	patterns.Store(pattern, p)
	return p
}

// plain returns a document as encoding/json reads it.
func plain(doc string) (v any, err error) {
	err = json.Unmarshal([]byte(doc), &v)
	return v, err
}
