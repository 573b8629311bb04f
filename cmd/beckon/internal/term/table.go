package term

import (
	"io"
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A Table has a heading and rows, and is written with columns as wide as what stands in
// them. Where that is wider than the style, the widest column is cut short, with an
// ellipsis. What is no plain text is written as ? so that no cell reaches the terminal.
type Table struct {
	Style   Style
	Heading []string
	Numbers []int // columns that are aligned right, counted from 0
	rows    [][]string
}

// Add appends a row. Cells that are left out are empty.
func (t *Table) Add(cells ...string) {
	row := make([]string, len(t.Heading))
	copy(row, cells)
	for i := range row {
		row[i] = Plain(row[i])
	}
	t.rows = append(t.rows, row)
}

// Len returns how many rows there are.
func (t *Table) Len() int { return len(t.rows) }

// Write writes the table.
func (t *Table) Write(w io.Writer) error {
	out := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format.Header = text.FormatDefault
	out.SetStyle(style)
	heading := make(table.Row, len(t.Heading))
	for i, h := range t.Heading {
		heading[i] = t.Style.Bold(h)
	}
	out.AppendHeader(heading)
	for _, row := range t.rows {
		cells := make(table.Row, len(row))
		for i, c := range row {
			cells[i] = c
		}
		out.AppendRow(cells)
	}
	configs := make([]table.ColumnConfig, len(t.Heading))
	for i, width := range t.widths() {
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMax: width, WidthMaxEnforcer: shortened}
	}
	for _, i := range t.Numbers {
		configs[i].Align, configs[i].AlignHeader = text.AlignRight, text.AlignRight
	}
	out.SetColumnConfigs(configs)
	var b strings.Builder
	for line := range strings.Lines(out.Render()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// widths returns how wide each column may be, so that all fit.
func (t *Table) widths() []int {
	widths := make([]int, len(t.Heading))
	all := 2 * (len(widths) - 1)
	for i, h := range t.Heading {
		widths[i] = text.StringWidthWithoutEscSequences(h)
		for _, row := range t.rows {
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(row[i]))
		}
		all += widths[i]
	}
	for ; t.Style.Width > 0 && all > t.Style.Width; all-- {
		widest := 0
		for i := range widths {
			if widths[i] > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= narrowest {
			break
		}
		widths[widest]--
	}
	return widths
}

// narrowest is how narrow a column is made at most.
const narrowest = 8

func shortened(s string, width int) string {
	if text.StringWidthWithoutEscSequences(s) <= width {
		return s
	}
	return text.Trim(s, width-1) + "…"
}

// Plain returns a text on one line without what would act on a terminal.
func Plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return '?'
		}
		return r
	}, s)
}
