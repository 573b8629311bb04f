package golden

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

// A fakeT records what a test would report.
type fakeT struct{ failures, logs []string }

func (f *fakeT) Helper() {}
func (f *fakeT) Errorf(format string, a ...any) {
	f.failures = append(f.failures, fmt.Sprintf(format, a...))
}
func (f *fakeT) Fatalf(format string, a ...any) { f.Errorf("fatal: "+format, a...) }
func (f *fakeT) Logf(format string, a ...any)   { f.logs = append(f.logs, fmt.Sprintf(format, a...)) }

var start = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// days plays two days of a program.
func days(t *testing.T, pro int) []fmt.Stringer {
	t.Helper()
	kit := beckontest.New(t, beckon.Program{
		Caps: []beckon.Cap{{ID: "day", Channel: beckon.Email, Max: 1, Within: beckon.Days(1)}},
		Messages: []beckon.Message{
			{
				ID: "ready", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("upload"), Frequency: &beckon.Frequency{Every: beckon.Hours(1)},
				Content: beckon.Content{
					Subject: "Your file", Format: beckon.FormatHTML, Body: "<p>{{ event.file }}</p>", Text: "{{ event.file }}", Data: map[string]string{"link": "x", "button": "{{ name }}"},
					Parameters: map[string]string{"size": "event.size"},
				},
			},
			{
				ID: "pro", Status: beckon.Live, Priority: -1, Trigger: beckon.On("upload").Where(beckon.Metadata("size").GreaterThan(pro)),
				Audience: beckon.All(beckon.User("plan").Is("pro")), Content: beckon.Content{Body: "x"},
			},
			{ID: "offer", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("upload"), Priority: -2, Content: beckon.Content{Body: "{{ company.name }}"}},
		},
	}).At(start)
	kit.Update(beckon.Contact{UserID: "u1", Name: "Ada", Companies: []beckon.Membership{{CompanyID: "acme", Name: "Acme"}}})
	upload := func(id string) beckon.Event {
		return beckon.Event{Name: "upload", UserID: "u1", EventID: id, CompanyID: "other", Metadata: beckon.Fields{{Key: "file", Value: beckon.String("a.mp4")}, {Key: "size", Value: beckon.Number(7)}}}
	}
	return []fmt.Stringer{
		kit.Track(upload("a")),
		kit.Advance(time.Minute).Track(upload("b")),
		kit.Track(upload("b")),
		kit.Track(beckon.Event{Name: "uplod", UserID: "u1"}),
		kit.Sweep(),
	}
}

// The file in testdata is what the decisions read like.
func TestDecisions(t *testing.T) { Decisions(t, "days", days(t, 5)...) }

// A difference, a file that is not there, and what is no test, fail.
func TestDecisionsFail(t *testing.T) {
	for name, tt := range map[string]struct {
		file      string
		decisions []fmt.Stringer
		want      []string
	}{
		"another decision": {"days", days(t, 50), []string{"golden: the decisions differ from testdata/days.golden", "-update", "    …\n              data button \"Ada\"\n", "    -     held pro: audience\n    -         where {", "    +     held pro: filter\n", `    +         where {"metadata":"size","op":"greater_than","value":50}: false, the value is "7"`}},
		"no file":          {"nowhere", days(t, 5), []string{"fatal: golden: there is no testdata/nowhere.golden yet; run the test with -update"}},
		"a folder":         {"folder", days(t, 5), []string{"fatal: golden: "}},
		"no decisions":     {"days", nil, []string{"fatal: golden: no decisions"}},
		"no name":          {"", days(t, 5), []string{`fatal: golden: "" is no name`}},
		"outside":          {"../days", days(t, 5), []string{`fatal: golden: "../days" is no name within testdata`}},
	} {
		f := &fakeT{}
		compare(f, "testdata", tt.file, false, tt.decisions)
		if len(f.failures) != 1 {
			t.Fatalf("%s: got failures %q", name, f.failures)
		}
		for _, want := range tt.want {
			if !strings.Contains(f.failures[0], want) {
				t.Errorf("%s: got\n%s\nwant in it\n%s", name, f.failures[0], want)
			}
		}
	}
}

// With -update the file is written, and then the same decisions pass.
func TestUpdate(t *testing.T) {
	dir := t.TempDir()
	f := &fakeT{}
	compare(f, dir, "a/b", true, days(t, 5))
	if len(f.failures) > 0 || len(f.logs) != 1 {
		t.Fatalf("got failures %q, logs %q", f.failures, f.logs)
	}
	compare(f, dir, "a/b", false, days(t, 5))
	file := filepath.Join(dir, "a", "b.golden")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(data), "\n", "\r\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	compare(f, dir, "a/b", false, days(t, 5))
	if len(f.failures) > 0 {
		t.Errorf("got failures %q", f.failures)
	}
	if compare(f, filepath.Join(file, "x"), "a", true, days(t, 5)); len(f.failures) != 1 {
		t.Errorf("into a file: got failures %q", f.failures)
	}
}

// The flag is defined once, and another's is used.
func TestFlag(t *testing.T) {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	on := flagUpdate(flags)
	if on() {
		t.Error("it is set")
	}
	again := flagUpdate(flags)
	if err := flags.Parse([]string{"-update"}); err != nil || !on() || !again() {
		t.Errorf("%v, %t, %t", err, on(), again())
	}
	if Update() != update() {
		t.Error("Update says otherwise")
	}
}
