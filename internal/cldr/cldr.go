// Package cldr has what the Common Locale Data Repository says about currencies in a
// locale where github.com/bojanz/currency says something else. Mostly that is a symbol
// that is the code itself, which that library leaves out.
package cldr

import (
	_ "embed"
	"strings"

	"golang.org/x/text/language"
)

//go:embed symbols.txt
var symbols string

// Differences are of one locale.
type Differences struct {
	Symbols map[string]string // by ISO 4217 code
	English []string          // codes of currencies whose amounts are written as in English
}

// Of returns the differences of a locale, or of the nearest one that contains
// it.
func Of(tag language.Tag) Differences {
	var d Differences
	fields, ok := "", false
	for _, name := range names(tag) {
		if fields, ok = line(name); ok {
			break
		}
	}
	for field := range strings.SplitSeq(fields, "\t") {
		if code, symbol, ok := strings.Cut(field, "="); ok {
			if d.Symbols == nil {
				d.Symbols = map[string]string{}
			}
			d.Symbols[code] = symbol
		} else if code, ok := strings.CutSuffix(field, ":en"); ok {
			d.English = append(d.English, code)
		}
	}
	return d
}

// names are the names that a locale may have in the data, the most special
// first.
func names(tag language.Tag) []string {
	base, script, region := tag.Raw()
	full, _ := tag.Script()
	lang := base.String()
	var list []string
	if region.String() != "ZZ" {
		list = append(list, lang+"-"+full.String()+"-"+region.String(), lang+"-"+region.String())
	}
	list = append(list, lang+"-"+full.String())
	if likely, _ := language.Make(lang).Script(); script.String() == "Zzzz" && region.String() == "ZZ" || likely == full {
		list = append(list, lang)
	}
	return list
}

// line finds the line of a locale.
func line(name string) (fields string, ok bool) {
	_, rest, ok := strings.Cut(symbols, "\n"+name+"\t")
	if ok {
		fields, _, _ = strings.Cut(rest, "\n")
		return fields, true
	}
	return "", strings.Contains(symbols, "\n"+name+"\n")
}
