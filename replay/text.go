package replay

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/beckon-go/beckon"
)

// WriteText writes the report as tables for people.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	add := func(format string, args ...any) { _, _ = fmt.Fprintf(t, format, args...) } // a Builder takes all
	add("%s, %s refused; %s to %s\n", plural(r.Steps, "step"), number(int64(r.Refused)), plural(int(total(r.Summary.Sent)), "message"), plural(r.Summary.Contacts, "contact"))
	if len(r.Refusals) > 0 {
		add("\nrefused\tfirst step\tits error\n")
		for _, x := range r.Refusals {
			add("%s\t%d\t%s\n", number(int64(x.Steps)), x.First, shortened(plain(x.Error)))
		}
	}
	if messages := r.messages(); len(messages) > 0 {
		add("\nmessage\tsent\theld\n")
		for _, m := range messages {
			add("%s\t%s\t%s\n", plain(m), number(r.Summary.Sent[m]), held(r.Summary.Held[m]))
		}
	}
	if len(r.Summary.Days) > 0 {
		add("\nday\tsent\n")
		for _, day := range slices.Sorted(maps.Keys(r.Summary.Days)) {
			add("%s\t%s\n", day, number(total(r.Summary.Days[day])))
		}
	}
	if d := r.Difference; d != nil {
		add("\nThis edit %s.\n", d)
		if len(d.Examples) > 0 {
			add("\nchange\tmessage\tcontact\tat\tthe other held it\n")
			for _, x := range d.Examples {
				add("%s\t%s\t%s\t%s\t%s\n", x.Change, plain(x.Message), plain(x.Contact), x.At.Format("2006-01-02 15:04:05"), x.Held)
			}
		}
	}
	_ = t.Flush() // as before
	var text strings.Builder
	for line := range strings.Lines(b.String()) {
		text.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// maxShown is how many characters of an error are shown.
const maxShown = 120

func shortened(text string) string {
	if r := []rune(text); len(r) > maxShown {
		return string(r[:maxShown-1]) + "…"
	}
	return text
}

// String says it in words: "adds 1,240 sends to 310 contacts, removes 12 from 9 contacts".
func (d *Difference) String() string {
	added, removed := total(d.Added), total(d.Removed)
	var parts []string
	if added > 0 {
		parts = append(parts, "adds "+plural(int(added), "send")+" to "+plural(d.AddedContacts, "contact"))
	}
	if removed > 0 {
		what := number(removed)
		if added == 0 {
			what = plural(int(removed), "send")
		}
		parts = append(parts, "removes "+what+" from "+plural(d.RemovedContacts, "contact"))
	}
	if parts == nil {
		return "changes no send"
	}
	return strings.Join(parts, ", ")
}

// messages returns the messages that were sent or held, in order.
func (r *Report) messages() []string {
	all := map[string]bool{}
	for m := range r.Summary.Sent {
		all[m] = true
	}
	for m := range r.Summary.Held {
		all[m] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// held lists reasons, the most frequent first.
func held(reasons map[beckon.Reason]int64) string {
	list := slices.Sorted(maps.Keys(reasons))
	slices.SortStableFunc(list, func(a, b beckon.Reason) int { return int(reasons[b] - reasons[a]) })
	parts := make([]string, len(list))
	for i, reason := range list {
		parts[i] = string(reason) + " " + number(reasons[reason])
	}
	return strings.Join(parts, ", ")
}

func total(counts map[string]int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return number(int64(n)) + " " + what
}

// number writes a count with commas: 1,240.
func number(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// plain returns a name as one cell of a table holds it.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, name)
}
