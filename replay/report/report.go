// Package report makes a page of what came of a replay: one HTML document that needs nothing
// else, no script and no network, for a browser on a phone or a desktop, light or dark.
//
//	page := report.Page{Report: result, First: "live.json", Other: "edited.json"}
//	err := page.WriteHTML(file)
package report

import (
	_ "embed"
	"html/template"
	"io"

	"github.com/beckon-go/beckon/replay"
)

// The limits of a page. What is over them is counted, and the page says so.
const (
	MaxMessages = 200 // messages that are listed, those with the most sends first
	MaxBars     = 92  // bars of a chart; where there are more days, a bar is several
	MaxExamples = 200 // examples that are listed
)

// A Page says what is to be shown. Texts are data: whatever they hold, they are shown as
// they are.
type Page struct {
	Report *replay.Report // nil is an empty one
	Title  string         // "Replay" if it is empty
	First  string         // what the program is called; "now" if it is empty
	Other  string         // what the program that it was compared with is called; "edited" if it is empty
}

//go:embed page.html
var source string

// WriteHTML writes the page. The error is that of w.
func (p *Page) WriteHTML(w io.Writer) error {
	page, err := template.New("page").Parse(source)
	if err != nil {
		return err
	}
	return page.Execute(w, viewOf(p))
}
