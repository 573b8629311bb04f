//go:build ignore

// Gen writes symbols.txt from the Common Locale Data Repository in JSON, the
// npm packages cldr-core and cldr-numbers-full of one version:
//
//	npm install --prefix DIR cldr-core@48 cldr-numbers-full@48
//	go run gen.go DIR/node_modules
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/bojanz/currency"
	"golang.org/x/text/language"

	"github.com/beckon-go/beckon/internal/cldr"
)

type entry struct {
	Symbol  string `json:"symbol"`
	Pattern string `json:"pattern"`
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: go run gen.go DIR/node_modules")
	}
	var version struct {
		Version string `json:"version"`
	}
	read(filepath.Join(os.Args[1], "cldr-numbers-full", "package.json"), &version)
	var numbering struct {
		Supplemental struct {
			Systems map[string]struct {
				Digits string `json:"_digits"`
			} `json:"numberingSystems"`
		} `json:"supplemental"`
	}
	read(filepath.Join(os.Args[1], "cldr-core", "supplemental", "numberingSystems.json"), &numbering)
	for name, s := range numbering.Supplemental.Systems {
		if s.Digits != "" {
			systems[name] = s.Digits
		}
	}
	folder := filepath.Join(os.Args[1], "cldr-numbers-full", "main")
	dirs, err := os.ReadDir(folder)
	if err != nil {
		log.Fatal(err)
	}
	rows := map[string]string{}
	var names []string
	for _, d := range dirs {
		rows[d.Name()] = row(folder, d.Name())
		names = append(names, d.Name())
	}
	// A name is left out if what is found without it is the same. Shorter names are looked
	// for last, and a script before a region.
	rank := func(name string) string {
		tag := language.MustParse(name)
		_, script, region := tag.Raw()
		return fmt.Sprint(region.String() != "ZZ", script.String() != "Zzzz", name)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(rank(a), rank(b)) })
	kept := map[string]bool{}
	names = slices.DeleteFunc(names, func(name string) bool {
		found := ""
		for _, n := range cldr.Names(language.MustParse(name)) {
			if kept[n] {
				found = rows[n]
				break
			}
		}
		kept[name] = rows[name] != found
		return !kept[name]
	})
	slices.Sort(names)
	var b strings.Builder
	fmt.Fprintf(&b, "# CLDR %s, where github.com/bojanz/currency %s differs. Written by gen.go.\n", version.Version, currency.CLDRVersion)
	for _, name := range names {
		fmt.Fprintf(&b, "%s%s\n", name, rows[name])
	}
	if err := os.WriteFile("symbols.txt", []byte(b.String()), 0o644); err != nil {
		log.Fatal(err)
	}
}

// systems are the digits of numbering systems.
var systems = map[string]string{}

// row lists how a locale writes amounts and the symbols that the library has otherwise, and the
// currencies with a pattern of their own.
func row(folder, name string) string {
	var file struct {
		Main map[string]struct {
			Numbers struct {
				Currencies map[string]entry `json:"currencies"`
			} `json:"numbers"`
		} `json:"main"`
	}
	read(filepath.Join(folder, name, "currencies.json"), &file)
	list, in := file.Main[name].Numbers.Currencies, cldr.Library(language.MustParse(name))
	var parts []string
	for code, e := range list {
		if !currency.IsValid(code) {
			continue // withdrawn
		}
		symbol := e.Symbol
		if symbol == "" {
			symbol = code
		}
		if has, _ := currency.GetSymbol(code, in); has != symbol {
			if strings.ContainsAny(symbol, "\t=\n") {
				log.Fatalf("%s %s: the symbol %q cannot stand in symbols.txt", name, code, symbol)
			}
			parts = append(parts, "\t"+code+"="+symbol)
		}
		if strings.HasPrefix(name, "en-") && e.Pattern == "¤#,##0.00" {
			parts = append(parts, "\t"+code+":en")
		}
	}
	slices.Sort(parts)
	return style(folder, name, in) + strings.Join(parts, "")
}

// style returns how a locale writes amounts, if the library writes them otherwise.
func style(folder, name string, in currency.Locale) string {
	var file struct {
		Main map[string]struct {
			Numbers map[string]json.RawMessage `json:"numbers"`
		} `json:"main"`
	}
	read(filepath.Join(folder, name, "numbers.json"), &file)
	numbers := file.Main[name].Numbers
	get := func(key string, v any) {
		if err := json.Unmarshal(numbers[key], v); err != nil {
			log.Fatal(name, ": ", key, ": ", err)
		}
	}
	var system, least string
	get("defaultNumberingSystem", &system)
	get("minimumGroupingDigits", &least)
	var symbols, formats map[string]any
	get("symbols-numberSystem-"+system, &symbols)
	get("currencyFormats-numberSystem-"+system, &formats)
	symbol := func(keys ...string) string {
		for _, key := range keys {
			if text, ok := symbols[key].(string); ok {
				return text
			}
		}
		return ""
	}
	digits, ok := systems[system]
	n, err := strconv.Atoi(least)
	if !ok || err != nil {
		log.Fatal(name, ": ", system, least)
	}
	s := &cldr.Style{
		Pattern: formats["standard"].(string), Decimal: symbol("currencyDecimal", "decimal"), Group: symbol("currencyGroup", "group"),
		Minus: symbol("minusSign"), Digits: digits, Least: n,
	}
	want := ""
	for _, number := range samples {
		want += written(s, number) + "\n"
	}
	switch has := library(in); has {
	case want:
		return ""
	case library(currency.Locale{Language: in.Language}), library(currency.Locale{Language: "en"}):
		return "\t" + s.String()
	}
	return "" // the library knows this very locale, by the CLDR of another month
}

// samples are amounts by which styles are told apart.
var samples = []string{"0.05", "1234.56", "12345.67", "123456789.01", "-9876543210.98"}

// library returns the samples as the library writes them.
func library(in currency.Locale) (text string) {
	formatter := currency.NewFormatter(in)
	formatter.SymbolMap["USD"] = "¤"
	for _, number := range samples {
		amount, err := currency.NewAmount(number, "USD")
		if err != nil {
			log.Fatal(err)
		}
		text += formatter.Format(amount) + "\n"
	}
	return text
}

// written is a number in a style.
func written(s *cldr.Style, number string) string {
	positive, negative, has := strings.Cut(s.Pattern, ";")
	if !has {
		negative = "-" + positive
	}
	whole, part, _ := strings.Cut(strings.TrimPrefix(number, "-"), ".")
	pattern := positive
	if number[0] == '-' {
		pattern = negative
	}
	first, last := strings.IndexAny(positive, "#0"), strings.LastIndexAny(positive, "#0")+1
	shape, _, _ := strings.Cut(positive[first:last], ".")
	if groups := strings.Split(shape, ","); len(groups) > 1 {
		size := len(groups[len(groups)-1])
		if len(whole) >= size+s.Least {
			rest := whole[:len(whole)-size]
			whole = whole[len(whole)-size:]
			if len(groups) > 2 {
				size = len(groups[len(groups)-2])
			}
			for ; rest != ""; rest = rest[:max(len(rest)-size, 0)] {
				whole = rest[max(len(rest)-size, 0):] + "\x00" + whole
			}
		}
	}
	digits := []rune(s.Digits)
	text := strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return digits[r-'0']
		}
		return r
	}, whole+"\x01"+part)
	text = strings.NewReplacer("\x00", s.Group, "\x01", s.Decimal).Replace(text)
	around := strings.ReplaceAll(strings.Replace(pattern, positive[first:last], "\x02", 1), "-", s.Minus)
	return strings.Replace(around, "\x02", text, 1)
}

func read(name string, v any) {
	data, err := os.ReadFile(name)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		log.Fatal(name, ": ", err)
	}
}
