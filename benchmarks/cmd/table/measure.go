package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// trackParts is how many runs a turn of Track is. What else the machine does comes and goes within
// seconds: so it meets a row and what that is compared with alike. The runs are no shorter than
// others: in a twentieth of a second the collector has not yet come to what a row leaves behind.
const trackParts = 3

// turnMark begins a turn of a suite in the file of -raw. To benchstat it is nothing.
const turnMark = "# turn\n"

// A suite is some benchmarks that are run together in each turn.
type suite struct {
	dir     string // of their package; empty: this module's own
	bench   string
	longer  int // measured so many times as long as others
	parts   int // a turn is so many runs, and its figures are their means; 0: one
	turns   int // at most; 0: all
	profile bool
	args    []string
}

func suites(s settings) []suite {
	contacts := "5000000"
	if s.quick {
		contacts = "300000"
	}
	return []suite{
		{bench: "Rule"},
		{dir: "..", bench: "Workload"},
		{bench: "Form"},
		{bench: "Match"},
		{bench: "Render"},
		{bench: "Decode"},
		{bench: "Track", parts: trackParts},
		{dir: "../replay", bench: "Replay", longer: 5},
		{bench: "Cap"},
		{bench: "State"},
		{bench: "Cores", longer: 2},
		{bench: "Publish", longer: 5},
		{bench: "Curve", turns: 3, args: []string{"-curve.contacts=" + contacts}},
		{bench: "Growth", turns: 3},
		{bench: "Steps", longer: 40, turns: 1, profile: true},
	}
}

// measure runs the suites in turn, and again.
func measure(s settings, only *regexp.Regexp, r *results, progress io.Writer) error {
	folder, err := os.MkdirTemp("", "beckon-table-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // it is the system's to clear otherwise
	binaries := map[string]string{}
	var chosen []suite
	for _, su := range suites(s) {
		if !only.MatchString(su.bench) {
			continue
		}
		chosen = append(chosen, su)
		if binaries[su.dir] != "" {
			continue
		}
		name, dir := filepath.Join(folder, "test"+strconv.Itoa(len(binaries))), filepath.Join(".", su.dir)
		fmt.Fprintln(progress, "building the benchmarks of", dir)
		if out, err := exec.Command("go", "test", "-C", dir, "-c", "-o", name, ".").CombinedOutput(); err != nil {
			return fmt.Errorf("go test -c: %w\n%s", err, out)
		}
		binaries[su.dir] = name
	}
	if len(chosen) == 0 {
		return fmt.Errorf("no table is called like %s", only)
	}
	var raw bytes.Buffer
	began := time.Now()
	for turn := range s.count {
		for _, su := range chosen {
			if su.turns > 0 && turn >= su.turns {
				continue
			}
			fmt.Fprintf(progress, "%4.0f s  turn %d of %d: %s\n", time.Since(began).Seconds(), turn+1, s.count, su.bench)
			var profile string
			if su.profile {
				profile = filepath.Join(folder, "profile")
			}
			var text strings.Builder
			for range max(su.parts, 1) {
				part, err := su.run(s, binaries[su.dir], profile)
				if err != nil {
					return err
				}
				text.WriteString(part)
			}
			raw.WriteString(turnMark + text.String())
			if err := r.read(text.String()); err != nil {
				return err
			}
			if su.profile {
				if r.steps, err = readProfile(binaries[su.dir], profile); err != nil {
					return err
				}
			}
		}
	}
	fmt.Fprintf(progress, "%4.0f s  done\n", time.Since(began).Seconds())
	if s.raw != "" {
		return os.WriteFile(s.raw, raw.Bytes(), 0o644)
	}
	return nil
}

func (su suite) run(s settings, binary, profile string) (string, error) {
	args := []string{
		"-test.run=^$", "-test.bench=^Benchmark" + su.bench + "$", "-test.benchmem",
		"-test.benchtime=" + (s.time * time.Duration(max(su.longer, 1))).String(), "-test.cpu=2", "-test.timeout=10m",
	}
	if profile != "" {
		args = append(args, "-test.cpuprofile="+profile)
	}
	cmd := exec.CommandContext(context.Background(), binary, append(args, su.args...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Dir = &out, &out, su.dir
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", su.bench, err, out.String())
	}
	return strings.TrimSuffix(out.String(), "PASS\n"), nil
}
