package beckon_test

import (
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
)

// TestDecisionAgainstModel: over random programs and histories (late events,
// repeats, imports, releases, a clock that steps back, programs published again
// midway) the engine and the naive model decide the same.
func TestDecisionAgainstModel(t *testing.T) {
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		m, program := drawModel(t)
		now := modelStart
		engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }), beckon.WithFrequencyValues(m.values))
		if err != nil {
			t.Fatal(err)
		}
		first := program
		first.Messages = slices.DeleteFunc(slices.Clone(program.Messages), func(x beckon.Message) bool {
			return slices.ContainsFunc(m.messages, func(y *modelMessage) bool { return y.id == x.ID && y.late })
		})
		if err := engine.Publish(ctx, first); err != nil {
			t.Fatal(err)
		}
		who := beckon.Identity{UserID: "u1"}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(rapid.SampledFrom([]time.Duration{
				0, time.Second, 59 * time.Second, time.Minute, 9 * time.Minute, 10 * time.Minute, time.Hour, 25 * time.Hour,
				1500 * time.Millisecond, -time.Second, -7 * time.Minute, -2 * time.Hour,
			}).Draw(t, "wait"))
			switch rapid.IntRange(0, 14).Draw(t, "what") {
			case 0:
				modelRelease(ctx, t, engine, who, m)
				continue
			case 1:
				// More messages than before: counters that come late are built
				// from the events still kept.
				if err := engine.Publish(ctx, program); err != nil {
					t.Fatal(err)
				}
				for _, msg := range m.messages {
					msg.late = false
				}
			}
			if goal := rapid.IntRange(-9, 4).Draw(t, "goal"); goal >= -1 {
				m.goal = nil
				set := beckon.Attributes{"goal": beckon.Value{}}
				if goal >= 0 {
					m.goal, set["goal"] = &goal, beckon.Number(goal)
				}
				if _, err := engine.Update(ctx, beckon.Contact{UserID: "u1", Attributes: set}); err != nil {
					t.Fatal(err)
				}
			}
			e := modelEvent{name: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "event"), at: now.Unix()}
			in := beckon.Event{Name: e.name, UserID: "u1"}
			if e.hasX = rapid.Bool().Draw(t, "has x"); e.hasX {
				e.x = rapid.IntRange(0, 4).Draw(t, "x")
				in.Metadata = beckon.Fields{{Key: "x", Value: beckon.Number(e.x)}}
			}
			if rapid.IntRange(0, 3).Draw(t, "id") == 0 {
				in.EventID = rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "which id")
			}
			if late := rapid.IntRange(0, 9).Draw(t, "late"); late < 2 && in.EventID != "" {
				in.CreatedAt = now.Add([]time.Duration{-30 * time.Minute, 5 * time.Minute}[late]).Truncate(time.Second)
				e.at = min(e.at, in.CreatedAt.Unix())
			}
			in.Import = rapid.IntRange(0, 9).Draw(t, "import") == 0
			res, err := engine.Track(ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			want, duplicate := m.track(e, in.EventID, in.Import, now.UnixMilli())
			if res.Duplicate != duplicate {
				t.Fatalf("duplicate: got %v, want %v", res.Duplicate, duplicate)
			}
			got := decided(&res)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("at %s, event %s (-model +engine):\n%s", now.Format(time.RFC3339Nano), in.Name, diff)
			}
			for _, d := range res.Deliveries {
				for _, s := range m.sends {
					if s.id == "" && s.message.id == d.Message && s.sequence == d.Sequence && !s.released {
						s.id = d.ID
					}
				}
			}
		}
	})
}

// modelRelease undoes a random send in both, twice: the second time it is
// not known.
func modelRelease(ctx context.Context, t *rapid.T, engine *beckon.Engine, who beckon.Identity, m *model) {
	var live []*modelSend
	for _, s := range m.sends {
		if !s.released {
			live = append(live, s)
		}
	}
	if len(live) == 0 {
		return
	}
	s := rapid.SampledFrom(live).Draw(t, "release")
	s.released = true
	if !slices.ContainsFunc(m.sends, func(x *modelSend) bool {
		return x.message == s.message && x.value == s.value && !x.released && !x.gone
	}) {
		s.message.used = slices.DeleteFunc(s.message.used, func(v string) bool { return v == s.value })
	}
	if err := engine.Release(ctx, beckon.Delivery{ID: s.id, Contact: who}); err != nil {
		t.Fatal(err)
	}
	if err := engine.Release(ctx, beckon.Delivery{ID: s.id, Contact: who}); err == nil {
		t.Fatal("a delivery was given back twice")
	}
}

// decided lists what a result decided, sorted.
func decided(res *beckon.Result) []string {
	var out []string
	for _, d := range res.Deliveries {
		out = append(out, fmt.Sprintf("%s sent %d", d.Message, d.Sequence))
	}
	for _, h := range res.Held() {
		retry := int64(0)
		if !h.RetryAt.IsZero() {
			retry = h.RetryAt.UnixMilli()
		}
		out = append(out, fmt.Sprintf("%s held %s %d by %q", h.Message, h.Reason, retry, h.Cap))
	}
	slices.Sort(out)
	return out
}

// TestScenarios runs the rulebook as data: one file for each of its sections,
// each scenario named by the fact that it proves.
func TestScenarios(t *testing.T) {
	beckontest.Scenarios(t, os.DirFS("testdata/scenarios"), "*.json")
}

// The rulebook has every fact, in order, as a heading of its own.
func TestRulebookIsWhole(t *testing.T) {
	var want []string
	for _, facts := range []struct {
		letter      string
		first, last int
	}{
		{"E", 1, 11},
		{"M", 1, 5},
		{"T", 1, 9},
		{"A", 1, 15},
		{"F", 1, 10},
		{"S", 1, 4},
		{"D", 1, 15},
		{"R", 1, 6},
		{"C", 1, 6},
		{"X", 1, 4},
		{"V", 1, 1},
		{"Z", 1, 4},
	} {
		for i := facts.first; i <= facts.last; i++ {
			want = append(want, fmt.Sprintf("%s%d", facts.letter, i))
		}
	}
	text, got := rulebook(t)
	if g, w := strings.Join(got, " "), strings.Join(want, " "); g != w {
		t.Errorf("docs/rulebook.md has the facts\n%s\nwant\n%s", g, w)
	}
	// No fact is a heading with nothing below.
	if m := regexp.MustCompile(`(?m)^### (.*)\n+#`).FindStringSubmatch(text); m != nil {
		t.Errorf("docs/rulebook.md says nothing under %s", m[1])
	}
	anchors := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		anchors[strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(m[1]), ":", ""), " ", "-")] = true
	}
	for _, m := range regexp.MustCompile(`\]\(#([^)]*)\)`).FindAllStringSubmatch(text, -1) {
		if !anchors[m[1]] {
			t.Errorf("docs/rulebook.md links to #%s, which is no heading", m[1])
		}
	}
}

// Every fact that a comment of the package or of its tests cites is in the
// rulebook.
func TestRulebookHasWhatCommentsCite(t *testing.T) {
	_, facts := rulebook(t)
	known := map[string]bool{}
	for _, fact := range facts {
		known[fact] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	cited := map[string]bool{}
	fset := token.NewFileSet()
	for _, name := range files {
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range file.Comments {
			for _, comment := range group.List {
				for _, fact := range citedFacts(comment.Text) {
					cited[fact] = true
					if !known[fact] {
						t.Errorf("%s cites %s, which is not in docs/rulebook.md", fset.Position(comment.Pos()), fact)
					}
				}
			}
		}
	}
	if len(cited) < 60 {
		t.Errorf("comments cite %d facts only: are they still found?", len(cited))
	}
}

// What looks like a fact's number inside something else is none.
func TestRulebookCitations(t *testing.T) {
	for _, c := range []struct{ comment, want string }{
		{"// A contact's count (E4, E10): see A6. D11", "E4 E10 A6 D11"},
		{"// M1 to M4; T9", "M1 M4 T9"},
		{"// E4", "E4"},
		{"/* F2: the distance */", "F2"},
		{"// U+00A0, %C2, 0xE2, TestE4, \"E2\", `M3`, E0, E04, A100, e4, P1, RFC3339, x.E4, E4.x, A4-sized", ""},
	} {
		if got := strings.Join(citedFacts(c.comment), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.comment, got, c.want)
		}
	}
}

// citation is a fact's number as a word by itself. E0 and E04 are none.
var citation = regexp.MustCompile(`^[EMTAFSDRCXZ][1-9][0-9]?$`)

// citedFacts returns the facts that a comment cites. Only words of prose count,
// with the punctuation of a sentence around them: neither part of a longer
// token (%C2, x.E4) nor what stands in quotes.
func citedFacts(comment string) []string {
	var facts []string
	for _, word := range strings.FieldsFunc(comment, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("(),;:–", r)
	}) {
		if word = strings.TrimRight(word, ".?!"); citation.MatchString(word) {
			facts = append(facts, word)
		}
	}
	return facts
}

// rulebook returns docs/rulebook.md and the facts that it has a heading for.
func rulebook(t *testing.T) (text string, facts []string) {
	t.Helper()
	data, err := os.ReadFile("docs/rulebook.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^### (.*)$`).FindAllStringSubmatch(string(data), -1) {
		facts = append(facts, m[1])
	}
	return string(data), facts
}
