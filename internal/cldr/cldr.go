// Package cldr has what the Common Locale Data Repository says about currencies in a
// locale where github.com/bojanz/currency says something else. Mostly that is a symbol
// that is the code itself, which that library leaves out, and how a locale writes amounts that
// the library does not know.
package cldr

import (
	_ "embed"
	"strconv"
	"strings"

	"github.com/bojanz/currency"
	"golang.org/x/text/language"
)

//go:embed symbols.txt
var symbols string

// Differences are of one locale.
type Differences struct {
	Symbols map[string]string // by ISO 4217 code
	English []string          // codes of currencies whose amounts are written as in English
	Style   *Style            // nil: as the library has it
}

// A Style is how a locale writes amounts.
type Style struct {
	Pattern        string // as CLDR has it, such as "#,##0.00 ¤", perhaps with one for negative amounts behind a semicolon
	Decimal, Group string
	Minus          string
	Digits         string // ten characters
	Least          int    // digits before the last group from which on there are groups
}

// String returns a style as a field of a line has it.
func (s *Style) String() string {
	return strings.Join([]string{"*" + s.Pattern, s.Decimal, s.Group, s.Minus, s.Digits, strconv.Itoa(s.Least)}, "|")
}

// styleOf reads what String has written.
func styleOf(field string) *Style {
	parts := strings.Split(field, "|")
	least, err := strconv.Atoi(parts[len(parts)-1])
	if len(parts) != 6 || err != nil {
		return nil
	}
	return &Style{Pattern: parts[0], Decimal: parts[1], Group: parts[2], Minus: parts[3], Digits: parts[4], Least: least}
}

// Library returns the library's name of a locale. The script is in it only where it is not the
// usual one of the language: zh-TW is zh-Hant-TW.
func Library(tag language.Tag) currency.Locale {
	base, _, region := tag.Raw()
	in := currency.Locale{Language: base.String()}
	usual, _ := language.Make(in.Language).Script()
	if script, _ := tag.Script(); script != usual {
		in.Script = script.String()
	}
	if region.String() != "ZZ" {
		in.Territory = region.String()
	}
	return in
}

// Of returns the differences of a locale, or of the nearest one that contains
// it.
func Of(tag language.Tag) Differences {
	var d Differences
	fields, ok := "", false
	for _, name := range Names(tag) {
		if fields, ok = line(name); ok {
			break
		}
	}
	for field := range strings.SplitSeq(fields, "\t") {
		if style, ok := strings.CutPrefix(field, "*"); ok {
			d.Style = styleOf(style)
		} else if code, symbol, ok := strings.Cut(field, "="); ok {
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

// Names are the names that a locale may have in the data, the most special
// first.
func Names(tag language.Tag) []string {
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
