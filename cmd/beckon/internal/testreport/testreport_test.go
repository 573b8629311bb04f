package testreport

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/scenario"
)

// A suite is what a build server reads.
type suite struct {
	Name      string  `xml:"name,attr"`
	File      string  `xml:"file,attr"`
	ID        int     `xml:"id,attr"`
	Tests     int     `xml:"tests,attr"`
	Failures  int     `xml:"failures,attr"`
	Errors    int     `xml:"errors,attr"`
	Time      float64 `xml:"time,attr"`
	Timestamp string  `xml:"timestamp,attr"`
	Cases     []struct {
		Name    string  `xml:"name,attr"`
		Class   string  `xml:"classname,attr"`
		Time    float64 `xml:"time,attr"`
		Failure *struct {
			Message string `xml:"message,attr"`
			Type    string `xml:"type,attr"`
			Text    string `xml:",chardata"`
		} `xml:"failure"`
	} `xml:"testcase"`
}

type report struct {
	XMLName  xml.Name `xml:"testsuites"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Suites   []suite  `xml:"testsuite"`
}

// played returns the report of a scenario that wants something.
func played(t *testing.T, want string) *scenario.Report {
	t.Helper()
	list, err := scenario.Parse([]byte(`{"name":"x","program":{"messages":[{"id":"m","status":"live","trigger":{"event":"e"},"audience":{"user":"plan","op":"is","value":"pro"},"content":{"body":"x"}}]},
		"steps":[{"at":"2026-03-02T09:00:00Z","track":{"event_name":"e","user_id":"u"},"want":` + want + `}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return list[0].Run(t.Context())
}

// A file is a suite, a scenario a case; each failure is told with its place, its difference and
// the rules behind it, and times add up.
func TestSuites(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s := New(func() time.Time { return now })
	good, bad := played(t, `{"held":{"m":"audience"}}`), played(t, `{"sent":[{"message":"m"}],"duplicate":true}`)
	if !good.OK() || bad.OK() {
		t.Fatalf("good: %v, bad: %v", good.Differences, bad.Differences)
	}
	s.Add("a.json", "first", good, 1500*time.Millisecond)
	now = now.Add(time.Hour)
	s.Add("b.json", "evil \x1b[2J <&\"\ufffe", bad, 250*time.Millisecond)
	s.Add("a.json", "second", bad, 500*time.Millisecond)
	path := filepath.Join(t.TempDir(), "report.xml")
	if err := s.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got report
	if err := xml.Unmarshal(data, &got); err != nil {
		t.Fatalf("%v:\n%s", err, data)
	}
	if !strings.HasPrefix(string(data), "<?xml") || got.Tests != 3 || got.Failures != 2 || len(got.Suites) != 2 {
		t.Fatalf("%d tests, %d failures, %d suites:\n%s", got.Tests, got.Failures, len(got.Suites), data)
	}
	a, b := &got.Suites[0], &got.Suites[1]
	if a.Name != "a.json" || a.File != "a.json" || a.ID != 0 || a.Tests != 2 || a.Failures != 1 || a.Errors != 0 || a.Time != 2 || a.Timestamp != "2026-03-02T09:00:00Z" {
		t.Errorf("%+v", a)
	}
	if b.Name != "b.json" || b.ID != 1 || b.Tests != 1 || b.Failures != 1 || b.Time != 0.25 || b.Timestamp != "2026-03-02T10:00:00Z" {
		t.Errorf("%+v", b)
	}
	if c := a.Cases[0]; c.Name != "first" || c.Class != "a.json" || c.Time != 1.5 || c.Failure != nil {
		t.Errorf("%+v", c)
	}
	if c := b.Cases[0]; c.Name != `evil ?[2J <&"?` {
		t.Errorf("%q", c.Name)
	}
	f := a.Cases[1].Failure
	if f == nil || f.Type != "difference" || strings.Contains(f.Message, "\n") || !strings.HasPrefix(f.Message, "a.json:2:") || !strings.Contains(f.Message, `step 0 track: sent: want {"message":"m"}, did not come`) {
		t.Fatalf("%+v", f)
	}
	for _, want := range []string{"duplicate: got false, want true", `{"user":"plan","op":"is","value":"pro"}: false, the value is unknown`, f.Message} {
		if !strings.Contains(f.Text, want) {
			t.Errorf("the failure does not say %q:\n%s", want, f.Text)
		}
	}
}

// Without a scenario there is a report all the same; a file that cannot be written is an error.
func TestEmpty(t *testing.T) {
	t.Parallel()
	s := New(time.Now)
	path := filepath.Join(t.TempDir(), "report.xml")
	if err := s.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	var got report
	if err != nil || xml.Unmarshal(data, &got) != nil || got.Tests != 0 {
		t.Errorf("%v:\n%s", err, data)
	}
	if err := s.WriteFile(filepath.Join(path, "none")); err == nil {
		t.Error("it is written into a file")
	}
}
