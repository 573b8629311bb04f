package beckon_test

import (
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
)

// Templates cost what they are, whatever is in them.
func TestCostOfTemplates(t *testing.T) {
	long := strings.Repeat("x", 2000)
	for name, body := range map[string]func(n int) string{
		"long variables": func(n int) string {
			return strings.Repeat(`<b title="{{ user.`+long+` }}">{{ user["`+long+`"] }}</b>`, n/2)
		},
		"long fallbacks": func(n int) string { return strings.Repeat(`{{ user.a | fallback: "`+long+`" }}`, n) },
		"money":          func(n int) string { return strings.Repeat(`{{ event.price | money: "de-DE" }}`, n*10) },
		"zones":          func(n int) string { return strings.Repeat(`{{ user.at | date: "15:04", "Asia/Tokyo" }}`, n*10) },
		"faults":         func(n int) string { return strings.Repeat(`{{ usr.`+long+` }}`, n) },
		"script":         func(n int) string { return "<script>" + strings.Repeat("`${", n*160) },
	} {
		t.Run(name, func(t *testing.T) {
			growsInProportion(t, 6, func(tb testing.TB, n int) func() {
				tb.Helper()
				content := beckon.Content{Format: beckon.FormatHTML, Body: body(n)}
				return func() {
					if _, err := beckon.NewRenderer(content); err != nil && len(err.Error()) > 20_000 {
						tb.Fatalf("%.100v", err)
					}
				}
			})
		})
	}
}

// A host that raises the limits of templates pays for what they hold, and no more:
// no variable is compared with all before it.
func TestCostOfManyVariables(t *testing.T) {
	limits := beckon.WithRenderLimits(beckon.RenderLimits{TemplateSize: 8 << 20, TemplateVariables: 1 << 20})
	growsWithin(t, 12_000, 4, 9, 8, func(tb testing.TB, n int) func() {
		tb.Helper()
		content := beckon.Content{Format: beckon.FormatHTML, Body: strings.Repeat("{{ user.a }} ", n)}
		return func() {
			if _, err := beckon.NewRenderer(content, limits); err != nil {
				tb.Fatal(err)
			}
		}
	})
}

// What a locale takes to be known is not taken again by each message.
func TestCostOfLocales(t *testing.T) {
	program := func(n int) beckon.Program {
		p := beckon.Program{Messages: liveMessages(n)}
		for i := range p.Messages {
			p.Messages[i].Content.Body = `{{ event.price | money: "de-DE" }} {{ user.at | date: "15:04", "Asia/Tokyo" }}`
		}
		return p
	}
	few, many := bytesOf(func() { costEngine(t, program(10)) }), bytesOf(func() { costEngine(t, program(1010)) })
	if each := (many - few) / 1000; many > few && each > 12_000 {
		t.Errorf("%d bytes for each message", each)
	}
}
