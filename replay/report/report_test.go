package report_test

import (
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/replay"
	"github.com/beckon-go/beckon/replay/report"
)

// With -pages FOLDER the tests leave the pages that they make there, to be looked at.
var folder = flag.String("pages", "", "a folder for the pages")

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func page(t *testing.T, name string, p report.Page) string {
	t.Helper()
	var b strings.Builder
	if err := p.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	if *folder != "" {
		if err := os.WriteFile(filepath.Join(*folder, name+".html"), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// shop is a program of a shop; gentle asks for more time between messages, and drops one.
func shop(gentle bool) beckon.Program {
	every := beckon.Hours(6)
	if gentle {
		every = beckon.Days(3)
	}
	p := beckon.Program{
		Caps: []beckon.Cap{{ID: "daily", Max: 2, Within: beckon.Hours(24)}},
		Messages: []beckon.Message{
			{ID: "cart-left-behind", Trigger: beckon.On("cart"), Frequency: beckon.Every(every), Audience: beckon.Did("bought").AtMost(0)},
			{ID: "back-in-stock", Trigger: beckon.On("viewed").Where(beckon.Metadata("stock").AtLeast(7)), Frequency: beckon.Every(beckon.Days(1))},
			{ID: "thank-you", Trigger: beckon.On("bought"), Transactional: true},
			{ID: "vip", Trigger: beckon.On("bought"), Audience: beckon.Did("bought").AtLeast(3), Frequency: beckon.Once()},
			{ID: "weekend-sale-of-everything-that-is-left-in-the-warehouse", Trigger: beckon.On("viewed"), Frequency: beckon.Every(beckon.Days(2)), Schedule: &beckon.Schedule{Windows: []beckon.Window{{Days: []beckon.Weekday{"sat", "sun"}, From: "00:00", To: "24:00"}}}},
		},
	}
	if gentle {
		p.Messages[3].Audience = beckon.Did("bought").AtLeast(2)
	}
	for i := range p.Messages {
		p.Messages[i].Status, p.Messages[i].Content = beckon.Live, beckon.Content{Body: "x"}
	}
	return p
}

func shopping(days, events int) func(func(replay.Step, error) bool) {
	return func(yield func(replay.Step, error) bool) {
		state := uint64(1)
		next := func(n int) int {
			state = state*6364136223846793005 + 1442695040888963407
			return int(state>>33) % n
		}
		for day := range days {
			for i := range events + events*(day%7/5)/2 + next(events) + day/4 {
				at := monday.AddDate(0, 0, day).Add(time.Duration(i) * time.Minute)
				name := []string{"viewed", "viewed", "viewed", "cart", "bought"}[next(5)]
				ev := beckon.Event{Name: name, UserID: fmt.Sprint("u", next(400)), Metadata: beckon.Fields{{Key: "stock", Value: beckon.Number(next(10))}}}
				if !yield(replay.Track(at, ev), nil) {
					return
				}
			}
		}
	}
}

func played(t *testing.T, program beckon.Program, steps func(func(replay.Step, error) bool), opts ...replay.Option) *replay.Report {
	t.Helper()
	r, err := replay.Run(context.Background(), program, steps, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var outside = regexp.MustCompile(`(?i)<script|<link|<img|<iframe|https?:|url\(|@import|javascript:|\son\w+=`)

// wellFormed reports tags that are not closed, and what would come from elsewhere.
func wellFormed(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var open []string
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			if x.Name.Local != "meta" && x.Name.Local != "br" {
				open = append(open, x.Name.Local)
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != x.Name.Local {
				t.Fatalf("</%s> in %v", x.Name.Local, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("not closed: %v", open)
	}
	if found := outside.FindString(text); found != "" {
		t.Errorf("the page is not alone: %s", found)
	}
}

// The page of a comparison says what its report says.
func TestCompared(t *testing.T) {
	r := played(t, shop(false), shopping(35, 150), replay.Against(shop(true)))
	text := page(t, "compared", report.Page{Report: r, Title: "Backtest of March", First: "live.json", Other: "edited.json"})
	wellFormed(t, text)
	for _, want := range []string{
		"<title>Backtest of March</title>", "This edit " + r.Difference.String() + ".", "messages sent on 2026-03-0", "to 2026-04-05",
		">cart-left-behind<", "live.json", "edited.json", `class="tag removed"`, `class="tag added"`, ">throttled<", ">capped<",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	if n := strings.Count(text, `<rect class="first" x=`); n != 35 {
		t.Errorf("%d bars for 35 days", n)
	}
}

// A page without a comparison, and one of years: a bar is then several days.
func TestAlone(t *testing.T) {
	text := page(t, "alone", report.Page{Report: played(t, shop(false), shopping(400, 5))})
	wellFormed(t, text)
	if n := strings.Count(text, `<rect class="second" x=`); n != 80 { // 400 days by 5
		t.Errorf("%d bars", n)
	}
	for _, want := range []string{"<title>Replay</title>", "It sends ", "2026-03-02 to 2026-03-06"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, other := range []string{"This edit", "What is different", "edited"} {
		if strings.Contains(text, other) {
			t.Errorf("%q without a comparison", other)
		}
	}
}

// Nothing to show, in both forms.
func TestEmpty(t *testing.T) {
	none := func(func(replay.Step, error) bool) {}
	text := page(t, "empty", report.Page{Report: played(t, shop(false), none)})
	if wellFormed(t, text); !strings.Contains(text, "No message was sent or held.") || strings.Contains(text, "<svg") {
		t.Error(text)
	}
	if got := page(t, "none", report.Page{}); !strings.Contains(got, "No message was sent or held.") {
		t.Error(got)
	}
	text = page(t, "same", report.Page{Report: played(t, shop(false), none, replay.Against(shop(false)))})
	if wellFormed(t, text); !strings.Contains(text, "This edit changes no send.") || !strings.Contains(text, "Nothing: both send the same") {
		t.Error(text)
	}
}

// Ids and titles are data, whatever they hold; what is over a limit is counted.
func TestHostile(t *testing.T) {
	hostile := `</title></style><script>alert(1)</script><img src=x onerror=alert(2)> "'` + "`{{.}}\x00\u202e" + `javascript:alert(3) --> ]]>`
	r := &replay.Report{
		Summary: replay.Summary{
			Sent: map[string]int64{hostile: 3}, Held: map[string]map[beckon.Reason]int64{hostile: {beckon.Reason(hostile): 2}},
			Contacts: 1, Days: map[string]map[string]int64{"2026-03-02": {hostile: 3}, hostile: {hostile: 1}},
		},
		Other:      &replay.Summary{Sent: map[string]int64{}, Contacts: 1},
		Difference: &replay.Difference{},
	}
	for i := range report.MaxMessages + 10 {
		r.Other.Sent[fmt.Sprint("m", i)] = 1
	}
	for range report.MaxExamples + 1 {
		r.Difference.Examples = append(r.Difference.Examples, replay.Example{Contact: hostile, Message: hostile, At: monday, Change: replay.Removed, Held: beckon.Reason(hostile)})
	}
	text := page(t, "hostile", report.Page{Report: r, Title: hostile, First: hostile, Other: hostile})
	for _, bad := range []string{"<script", "<img", "\x00", "</title></style>"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in the page", bad)
		}
	}
	if strings.Count(text, "</style>") != 1 || strings.Count(text, "</title>") < 1 {
		t.Error("a tag was closed")
	}
	for _, want := range []string{"11 more messages", "1 more example", "&lt;script&gt;"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

// Why steps were refused is told, and is data.
func TestRefused(t *testing.T) {
	text := page(t, "refused", report.Page{Report: &replay.Report{Steps: 12_000, Refused: 11_000, Refusals: []replay.Refusal{
		{Code: "scenario_invalid", Steps: 10_999, First: 7, Error: "line 8: <b>no</b> step"}, {Code: "event_name_missing", Steps: 1, First: 9, Error: "missing"},
	}}})
	if wellFormed(t, text); !strings.Contains(text, "<h2>Why steps were refused</h2>") || !strings.Contains(text, `>10,999</td><td class="n" data-name="first step">7</td><td class="all"><bdi>line 8: &lt;b&gt;no&lt;/b&gt; step</bdi>`) {
		t.Error(text)
	}
	if text := page(t, "none refused", report.Page{}); strings.Contains(text, "refused") {
		t.Error("there is a table without a row")
	}
}

func TestWriteFails(t *testing.T) {
	p := report.Page{Report: &replay.Report{}}
	if err := p.WriteHTML(broken{}); !errors.Is(err, errBroken) {
		t.Error(err)
	}
}
