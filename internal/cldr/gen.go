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
	"strings"

	"github.com/bojanz/currency"
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
	folder := filepath.Join(os.Args[1], "cldr-numbers-full", "main")
	dirs, err := os.ReadDir(folder)
	if err != nil {
		log.Fatal(err)
	}
	rows := map[string]string{}
	for _, d := range dirs {
		rows[d.Name()] = row(folder, d.Name())
	}
	names := make([]string, 0, len(rows))
	for name := range rows {
		if parent, ok := rows[parentOf(name, rows)]; !ok && rows[name] != "" || ok && rows[name] != parent {
			names = append(names, name)
		}
	}
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

// row lists the symbols of a locale that the library has otherwise, and the
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
	list := file.Main[name].Numbers.Currencies
	var parts []string
	for code, e := range list {
		if !currency.IsValid(code) {
			continue // withdrawn
		}
		symbol := e.Symbol
		if symbol == "" {
			symbol = code
		}
		if has, _ := currency.GetSymbol(code, currency.NewLocale(name)); has != symbol {
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
	return strings.Join(parts, "")
}

// parentOf cuts subtags off the end of a name until another locale is left.
func parentOf(name string, rows map[string]string) string {
	for i := strings.LastIndexByte(name, '-'); i > 0; i = strings.LastIndexByte(name, '-') {
		name = name[:i]
		if _, ok := rows[name]; ok {
			return name
		}
	}
	return ""
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
