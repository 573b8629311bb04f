package main

import (
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// A step is a part of Track, as a profile sees it.
type step struct {
	name, why string
	share     float64 // of all samples within Track
}

// A stepKind says which functions a step begins with. A sample belongs to the
// step of the innermost of its frames that begins one: what a step calls is the
// step's own, unless it is a step as well. A test looks for each in the source, since one
// of another name, after a change there, would show as a greater rest.
type stepKind struct {
	name   string
	frames []string // as profiles write them, without the path of the module; those that end in a dot are all that begin so
	why    string
}

func stepKinds() []stepKind {
	const decision = "/internal/decide.(*Decision)."
	return []stepKind{
		{
			"decode the body",
			[]string{"/internal/event.(*Decoder).", "/internal/event.(*Shape).", "/internal/event.leadName", "/internal/ojson."},
			"What stands around the values is compared with the last body of the event. Every byte of a value is looked at once.",
		},
		{
			"check and copy the event",
			[]string{".(*Engine).admit", ".own", "/internal/event.(*Event).Own", "/internal/event.(*Event).Validate", "/internal/fold.EventName"},
			"Name, identity and metadata are checked once. Texts that are new are copied: the next body is read into the same memory.",
		},
		{
			"find the contact, lock it",
			[]string{"/memstore.(*Store).Step", "/memstore.(*Store).step"},
			"A hash of the id, a look into a map, a lock that nobody else holds. What the contact has counted is laid out for rules.",
		},
		{"rules", []string{decision + "eval", "/internal/plan.(*Event).Prejudge", "/internal/rule.(*Instruction)."}, "A look at a value for each condition that decides anything."},
		{
			"frequency",
			[]string{decision + "frequencyState", decision + "behindOthers", "/internal/plan.(*Frequency).Judge"},
			"The contact's sends of the message are searched for, once for each candidate that comes this far.",
		},
		{"caps across messages", []string{decision + "CapsAllow"}, "Nothing if a program has none. Else the sends in the window are counted."},
		{
			"judge the rest, note reasons", []string{
				decision + "judgeEach", decision + "judgeFrom", decision + "consider", decision + "judge", decision + "afterAudience", decision + "judgeDelivery",
				decision + "heldByAudience", decision + "noRoom", decision + "holdBy", "/internal/decide.(*HeldList).",
			}, "Some ten questions for each candidate, most of them a comparison with zero.",
		},
		{"render", []string{"/internal/render.(*Content)."}, "Literals are copied and values escaped in runs, with one allocation for the text."},
		{"make the delivery", []string{decision + "Send", "/internal/decide.DeliveryID"}, "The id is a hash of the contact, the message and the number of the send, so it is the same after a crash."},
		{
			"count, and what is to be kept", []string{
				decision + "Begin", decision + "Decide", decision + "track", decision + "record", decision + "moveOn", decision + "trimLog",
			}, "The count, the send, the repeat and the log entry are put together before anything is written.",
		},
		{"commit", []string{"/memstore.(*Store).commit", "/store.(*Record).Apply"}, "One pass over what changed: a row of counts, the sends, a place in the log."},
		{"forget", []string{decision + "Release", "/memstore.(*Store).done", "/store.(*Changes).Reset"}, "The memory is used again, for another contact: nothing of this one may be left in it."},
		{"the catalogue", []string{".(*Engine).define"}, "A map that is replaced as a whole says whether the name and its keys are known."},
	}
}

// begins reports whether the step begins with a frame as pprof prints it.
func (k *stepKind) begins(frame string) bool {
	name, found := strings.CutPrefix(frame, modulePath)
	name, _ = strings.CutSuffix(name, " (inline)")
	return found && slices.ContainsFunc(k.frames, func(f string) bool {
		return name == f || strings.HasSuffix(f, ".") && strings.HasPrefix(name, f)
	})
}

const modulePath = "github.com/beckon-go/beckon"

// readProfile asks pprof for the stacks of a profile.
func readProfile(binary, profile string) ([]step, error) {
	out, err := exec.Command("go", "tool", "pprof", "-traces", binary, profile).Output()
	if err != nil {
		return nil, fmt.Errorf("go tool pprof -traces: %w", err)
	}
	return stepsOf(string(out))
}

// stepsOf reads what pprof -traces prints: blocks behind lines of dashes, each
// a time and the stack it belongs to, innermost first.
func stepsOf(traces string) ([]step, error) {
	kinds := stepKinds()
	shares, total := make([]float64, len(kinds)), 0.0
	for _, block := range strings.Split(traces, "-----------+-------------------------------------------------------") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		first := strings.Fields(lines[0])
		if len(first) < 2 {
			continue
		}
		spent, ok := parseTime(first[0])
		if !ok {
			continue
		}
		frames := []string{strings.Join(first[1:], " ")}
		for _, l := range lines[1:] {
			frames = append(frames, strings.TrimSpace(l))
		}
		if !strings.Contains(block, modulePath+".(*Engine).Track") {
			continue // the collector, the benchmark itself
		}
		total += spent
	search:
		for _, f := range frames {
			for i := range kinds {
				if kinds[i].begins(f) {
					shares[i] += spent
					break search
				}
			}
		}
	}
	if total == 0 {
		return nil, fmt.Errorf("the profile has no sample of Track")
	}
	var steps []step
	rest := 1.0
	for i, k := range kinds {
		steps = append(steps, step{k.name, k.why, shares[i] / total})
		rest -= shares[i] / total
	}
	return append(steps, step{"all else", "Calls, the clock, and the result for the caller.", rest}), nil
}

// parseTime reads a time as pprof writes it.
func parseTime(s string) (seconds float64, ok bool) {
	for _, u := range []struct {
		suffix string
		unit   float64
	}{{"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}, {"mins", 60}, {"s", 1}} {
		if digits, found := strings.CutSuffix(s, u.suffix); found {
			v, err := strconv.ParseFloat(digits, 64)
			return v * u.unit, err == nil
		}
	}
	return 0, false
}

// profileTable says what the steps of a Track cost; it is empty without a
// profile, as in a run read from a file.
func (r *results) profileTable() string {
	if len(r.steps) == 0 {
		return ""
	}
	whole, ok := r.find("Steps").find("track-json").value(cpu)
	var b strings.Builder
	b.WriteString("| Step | Share | ns | Why it costs that |\n| --- | ---: | ---: | --- |\n")
	for _, s := range r.steps {
		fmt.Fprintf(&b, "| %s | %.0f %% | %s | %s |\n", s.name, 100*s.share, number(s.share*whole, ok), s.why)
	}
	return b.String()
}
