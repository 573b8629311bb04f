// Package schema makes the JSON Schemas (2020-12) of the documents that beckon
// reads and writes. They are checked in under schema/ for editors and other
// languages; the decoders stay the authority, and a test holds the two
// together.
//
// A schema says less than a decoder where it has no words for it: which names
// refer to something, how many rules nest, whether an amount is in whole
// minor units. All else that a decoder refuses it refuses, too, and nothing
// that a decoder accepts.
package schema

import (
	"encoding/json"
	"strings"
)

// A node is one schema.
type node = map[string]any

// base names the schemas; they are found by their file.
const base = "urn:beckon:schema:"

// Files returns the schemas by file name, ready to be written.
func Files() (map[string][]byte, error) {
	files := make(map[string][]byte)
	for name, title := range map[string]string{
		"program":  "All that an engine runs",
		"event":    "Something a contact did",
		"visit":    "A login or a page view",
		"contact":  "An update of what is known of a contact",
		"result":   "What one call decided",
		"scenario": "A rule set's unit test: one scenario or an array of them",
	} {
		doc := node{
			"$schema": "https://json-schema.org/draft/2020-12/schema",
			"$id":     base + name,
			"title":   title,
			"$ref":    "#/$defs/" + name,
			"$defs":   reachable(name),
		}
		if name == "scenario" {
			delete(doc, "$ref")
			doc["anyOf"] = []any{ref(name), list(ref(name))}
		}
		text, err := json.MarshalIndent(doc, "", "  ")
		if err != nil {
			return nil, err
		}
		files[name+".json"] = append(text, '\n')
	}
	return files, nil
}

// reachable returns the definition of the name and all that it refers to.
func reachable(name string) node {
	all, out := definitions(), node{}
	var add func(name string)
	var walk func(v any)
	add = func(name string) {
		if _, done := out[name]; !done {
			out[name] = all[name]
			walk(all[name])
		}
	}
	walk = func(v any) {
		switch v := v.(type) {
		case node:
			for key, inner := range v {
				if target, ok := inner.(string); ok && key == "$ref" {
					add(strings.TrimPrefix(target, "#/$defs/"))
				}
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	add(name)
	return out
}

func definitions() node {
	all := node{}
	for _, part := range []node{values(), program(), rules(), wire(), scenario()} {
		for name, def := range part {
			all[name] = def
		}
	}
	return all
}

func ref(name string) node { return node{"$ref": "#/$defs/" + name} }

// object is a strict object: what is not named is refused.
func object(properties node, required ...string) node {
	o := node{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

// mapOf is an object under any names.
func mapOf(value node) node { return node{"type": "object", "additionalProperties": value} }

func list(items node) node { return node{"type": "array", "items": items} }

func text() node { return node{"type": "string"} }

func flag() node { return node{"type": "boolean"} }

func whole(low int) node { return node{"type": "integer", "minimum": low, "maximum": maxWhole} }

func pattern(p, says string) node { return node{"type": "string", "pattern": p, "description": says} }

func words[T ~string](list ...T) node {
	out := make([]any, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return node{"enum": out}
}

func anyOf(list ...any) node { return node{"anyOf": list} }

// orNull lets null stand for absent, as on the wire.
func orNull(n node) node { return anyOf(n, node{"type": "null"}) }

func describe(n node, says string) node {
	n["description"] = says
	return n
}
