package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A curve is what Track costs as one thing grows.
type curve struct {
	table, axis string
	why         string // it has the shape that it has
}

func curves() []curve {
	return []curve{
		{"messages", "live messages, 5 of them candidates", "Candidates are found by the event's name. Messages of other events are never looked at."},
		{"candidates", "candidates, all held", "Each candidate is judged and counted. Below ten, the fixed part of a Track is more. What neighbors ask alike is asked once, and those that their audience holds are noted as one row."},
		{"conditions", "conditions in one audience, all looked at", "Each condition costs the same. Below twenty, the fixed part of a Track is more."},
		{"event-names", "event names of the contact", "The store in memory unpacks the counts for each step, one or two nanoseconds a name. A rule then finds its name by bisection."},
		{"contacts", "contacts, a random one each time", "The work is the same, but memory is farther away. A record that is in no cache costs some waits for memory. Beyond a million contacts each look also misses the cache of page addresses."},
	}
}

// A point is one size of a curve.
type point struct{ x, y float64 }

func (r *results) points(c curve) []point {
	t := r.find("Curve/" + c.table)
	if t == nil {
		return nil
	}
	var list []point
	for _, row := range t.rows {
		x, err := strconv.ParseFloat(row.name, 64)
		if y, ok := row.value(r.by); ok && err == nil && y > 0 {
			list = append(list, point{x, y})
		}
	}
	return list
}

// slope returns by what power of the size the cost grows at the end of a curve:
// 0 is flat, 1 in proportion.
func slope(list []point) float64 {
	if len(list) < 2 {
		return 0
	}
	a, b := list[len(list)-2], list[len(list)-1]
	return math.Log(b.y/a.y) / math.Log(b.x/a.x)
}

// curveTable says what the picture shows.
func (r *results) curveTable() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| What grows | from | to | %s | × | Why |\n| --- | ---: | ---: | ---: | ---: | --- |\n", r.by)
	for _, c := range curves() {
		list := r.points(c)
		if len(list) < 2 {
			continue
		}
		first, last := list[0], list[len(list)-1]
		fmt.Fprintf(&b, "| %s | %s | %s | %s to %s | %s | %s |\n", c.axis, count(first.x), count(last.x),
			number(first.y, true), number(last.y, true), number(last.y/first.y, true), c.why)
	}
	return b.String()
}

// count writes a size as people do.
func count(v float64) string {
	switch {
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'g', 3, 64) + " M"
	case v >= 1e4:
		return strconv.FormatFloat(v/1e3, 'g', 3, 64) + " k"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// duration writes nanoseconds as people do.
func duration(ns float64) string {
	switch {
	case ns >= 1e6:
		return fmt.Sprintf("%.3g ms", ns/1e6)
	case ns >= 1e3:
		return fmt.Sprintf("%.3g µs", ns/1e3)
	}
	return fmt.Sprintf("%.3g ns", ns)
}

// What the picture is made of, in its own units.
const (
	panelWide, panelHigh = 400.0, 250.0
	left, right, top     = 62.0, 16.0, 34.0
	bottom               = 44.0
	columns              = 2
)

// picture draws the curves, each in a panel of its own on the same scale of
// time, so that they can be compared.
func (r *results) picture() string {
	var drawn []curve
	least, most := math.Inf(1), 0.0
	for _, c := range curves() {
		list := r.points(c)
		if len(list) < 2 {
			continue
		}
		drawn = append(drawn, c)
		for _, p := range list {
			least, most = min(least, p.y), max(most, p.y)
		}
	}
	if len(drawn) == 0 {
		least, most = 1, 10
	}
	low, high := math.Floor(math.Log10(least)), math.Ceil(math.Log10(most))
	rows := (len(drawn) + columns - 1) / columns
	wide, tall := columns*panelWide, float64(rows)*panelHigh+8
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" role="img" aria-label="What one Track costs as messages, candidates, conditions, event names and contacts grow">
<style>
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.small { font-size: 11px; fill: #57606a }
.value { font-size: 11px; font-weight: 600; fill: #0550ae }
.grid { stroke: #d0d7de; stroke-width: 1 }
.axis { stroke: #57606a; stroke-width: 1 }
.back { fill: #ffffff }
.line { fill: none; stroke: #0969da; stroke-width: 2; stroke-linejoin: round }
.dot { fill: #0969da }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.small { fill: #9198a1 }
.value { fill: #79c0ff }
.grid { stroke: #30363d }
.axis { stroke: #9198a1 }
.back { fill: #0d1117 }
.line { stroke: #58a6ff }
.dot { fill: #58a6ff }
}
</style>
<rect class="back" width="100%%" height="100%%"/>
`, wide, tall)
	for i, c := range drawn {
		fmt.Fprintf(&b, "<g transform=\"translate(%.0f %.0f)\">\n", float64(i%columns)*panelWide, float64(i/columns)*panelHigh)
		drawPanel(&b, c, r.points(c), low, high)
		b.WriteString("</g>\n")
	}
	if i := len(drawn); i%columns != 0 {
		for line, text := range []string{"One Track, nothing sent.", "Both scales are logarithmic,", "that of time is the same in all."} {
			fmt.Fprintf(&b, "<text class=\"small\" x=\"%.0f\" y=\"%.0f\">%s</text>\n",
				float64(i%columns)*panelWide+left, float64(i/columns)*panelHigh+panelHigh/2+18*float64(line), text)
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// drawPanel draws one curve; low and high are the powers of ten of the scale.
func drawPanel(b *strings.Builder, c curve, list []point, low, high float64) {
	begin, end := math.Log10(list[0].x), math.Log10(list[len(list)-1].x)
	x := func(v float64) float64 {
		return left + (math.Log10(v)-begin)/(end-begin)*(panelWide-left-right)
	}
	y := func(v float64) float64 {
		return panelHigh - bottom - (math.Log10(v)-low)/(high-low)*(panelHigh-top-bottom)
	}
	fmt.Fprintf(b, "<text class=\"title\" x=\"%.0f\" y=\"20\">%s</text>\n", left, c.axis)
	for power := low; power <= high; power++ {
		v := math.Pow(10, power)
		fmt.Fprintf(b, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n", left, panelWide-right, y(v), y(v))
		fmt.Fprintf(b, "<text class=\"small\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", left-6, y(v)+4, duration(v))
	}
	for power := math.Ceil(begin); power <= end+1e-9; power++ {
		v := math.Pow(10, power)
		fmt.Fprintf(b, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n", x(v), x(v), top, panelHigh-bottom)
		fmt.Fprintf(b, "<text class=\"small\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n", x(v), panelHigh-bottom+16, count(v))
	}
	fmt.Fprintf(b, "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n", left, panelWide-right, panelHigh-bottom, panelHigh-bottom)
	fmt.Fprintf(b, "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n", left, left, top, panelHigh-bottom)
	var path []string
	for _, p := range list {
		path = append(path, fmt.Sprintf("%.1f,%.1f", x(p.x), y(p.y)))
	}
	fmt.Fprintf(b, "<polyline class=\"line\" points=\"%s\"/>\n", strings.Join(path, " "))
	for _, p := range list {
		fmt.Fprintf(b, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%s: %s</title></circle>\n", x(p.x), y(p.y), count(p.x), duration(p.y))
	}
	first, last := list[0], list[len(list)-1]
	fmt.Fprintf(b, "<text class=\"value\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", x(first.x)+6, y(first.y)-9, duration(first.y))
	fmt.Fprintf(b, "<text class=\"value\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", x(last.x)-2, y(last.y)-9, duration(last.y))
	fmt.Fprintf(b, "<text class=\"small\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", panelWide-right, panelHigh-bottom+32, "at the end: "+grows(slope(list)))
}

// grows says in words how a curve ends.
func grows(power float64) string {
	switch {
	case math.Abs(power) < 0.15:
		return "flat"
	case power < 0:
		return "falling"
	case power > 0.8 && power < 1.25:
		return "in proportion"
	}
	return fmt.Sprintf("as size to the power of %.1f", power)
}
