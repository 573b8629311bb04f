// Package testreport writes what came of scenarios in the form of JUnit, which build servers
// read.
package testreport

import (
	"bytes"
	"encoding/xml"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/beckon-go/beckon/internal/scenario"
)

// Suites are reports of scenarios, a suite for each file.
type Suites struct {
	now    func() time.Time
	list   []junit.Testsuite
	byFile map[string]int
	took   []time.Duration // by suite
}

// New returns no suites. now is the clock.
func New(now func() time.Time) *Suites { return &Suites{now: now, byFile: map[string]int{}} }

// Add takes in the report of a scenario in a file, and how long it took.
func (s *Suites) Add(file, name string, r *scenario.Report, took time.Duration) {
	i, known := s.byFile[file]
	if !known {
		i = len(s.list)
		s.byFile[file] = i
		suite := junit.Testsuite{Name: readable(file), File: readable(file), ID: i}
		suite.SetTimestamp(s.now())
		s.list, s.took = append(s.list, suite), append(s.took, 0)
	}
	s.took[i] += took
	c := junit.Testcase{Name: readable(name), Classname: readable(file), Time: seconds(took)}
	if !r.OK() {
		var lines []string
		for _, d := range r.Differences {
			lines = append(lines, readable(d.Place(file)+": "+d.String()+d.Tree()))
		}
		first, _, _ := strings.Cut(lines[0], "\n")
		c.Failure = &junit.Result{Message: first, Type: "difference", Data: strings.Join(lines, "\n")}
	}
	s.list[i].AddTestcase(c)
}

// WriteFile writes all to a file.
func (s *Suites) WriteFile(name string) error {
	var all junit.Testsuites
	for i := range s.list {
		s.list[i].Time = seconds(s.took[i])
		all.AddSuite(s.list[i])
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if err := all.WriteXML(&b); err != nil {
		return err
	}
	b.WriteByte('\n')
	return os.WriteFile(name, b.Bytes(), 0o644) //nolint:gosec // a report for others to read
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

// readable returns a text without the characters that XML cannot have.
func readable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return '?'
		}
		return r
	}, text)
}
