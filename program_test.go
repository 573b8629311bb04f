package beckon

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestParseProgramTooLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	doc := `{"timezone":"` + strings.Repeat("x", MaxProgramBytes) + `"}`
	if _, err := ParseProgram([]byte(doc)); !errors.Is(err, ErrProgramInvalid) {
		t.Errorf("got %v", err)
	}
}

// F1: left out, "0s" and a distance are three things.
func TestParseProgramFrequency(t *testing.T) {
	for doc, want := range map[string]Frequency{
		`{}`:                         {},
		`{"every":"0s"}`:             {Every: Seconds(0)},
		`{"every":"0s","max":1}`:     {Every: Seconds(0), Max: 1},
		`{"every":"1h","max":3}`:     {Every: Hours(1), Max: 3},
		`{"every":"1h","max":3e0}`:   {Every: Hours(1), Max: 3},
		`{"every":"1h","max":30e-1}`: {Every: Hours(1), Max: 3},
	} {
		p, err := ParseProgram([]byte(`{"messages":[{"frequency":` + doc + `}]}`))
		if err != nil {
			t.Errorf("%s: %v", doc, err)
			continue
		}
		if got := *p.Messages[0].Frequency; got.Every != want.Every || got.Max != want.Max {
			t.Errorf("%s: got %+v, want %+v", doc, got, want)
		}
	}
}

// The documents in testdata/programs are written back equal, and read again
// to the same program.
func TestProgramRoundTripGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/programs/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			doc, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			roundTrip(t, doc)
		})
	}
}

// roundTrip wants a document to be written back equal, and to be read again
// to the same program.
func roundTrip(t *testing.T, doc []byte) {
	t.Helper()
	p, err := ParseProgram(doc)
	if err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain(t, doc), plain(t, written)); diff != "" {
		t.Errorf("the document changed (-read +written):\n%s", diff)
	}
	var again Program
	if err := json.Unmarshal(written, &again); err != nil {
		t.Fatal(err)
	}
	rewritten, err := json.Marshal(again)
	if err != nil {
		t.Fatal(err)
	}
	if string(rewritten) != string(written) {
		t.Errorf("read again and written:\n%s\nwas:\n%s", rewritten, written)
	}
}

// Each part of a program can stand alone in a host's own documents, and is
// read there as strictly.
func TestPartsReadStrictly(t *testing.T) {
	for doc, part := range map[string]json.Unmarshaler{
		`{"timezone":"UTC"}`:             new(Program),
		`{"id":"m"}`:                     new(Message),
		`{"event":"a","offset":"-3d"}`:   new(Trigger),
		`{"event":"a","within":"1h"}`:    new(Unless),
		`{"within":"7d"}`:                new(Goal),
		`{"body":"x"}`:                   new(Content),
		`{"format":"html","text":"x"}`:   new(Content),
		`{"parameters":{"a":"event.x"}}`: new(Content),
		`{"every":"0s"}`:                 new(Frequency),
		`{"id":"c","tag":"t","max":1}`:   new(Cap),
		`{"outside":"hold"}`:             new(Schedule),
		`{"timezone":"Europe/Dublin"}`:   new(OfficeHours),
		`{"from":"09:00","to":"24:00"}`:  new(Window),
		`{"id":"s","reenter":true}`:      new(Series),
		`{"trigger":{"event":"a"}}`:      new(Entry),
		`{"id":"b","exit":true}`:         new(Block),
		`{"attributes":{"a":true}}`:      new(Update),
		`{"user_id":"u1","name":"Ada"}`:  new(Contact),
		`{"user_id":"u1","page":{"url":"https://a.example/","seconds":1.50}}`: new(Visit),
	} {
		if err := json.Unmarshal([]byte(doc), part); err != nil {
			t.Errorf("%T: %s: %v", part, doc, err)
			continue
		}
		written, err := json.Marshal(part)
		if err != nil || string(written) != doc {
			t.Errorf("%T: got %s, %v, want %s", part, written, err, doc)
		}
		for _, bad := range []string{`{"zebra":1}`, `[]`, `null`} {
			if err := part.UnmarshalJSON([]byte(bad)); err == nil {
				t.Errorf("%T: %s was accepted", part, bad)
			}
		}
		if err := part.UnmarshalJSON([]byte(`{`)); err == nil {
			t.Errorf("%T: broken JSON was accepted", part)
		}
	}
}

func FuzzParseProgram(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"messages":[{"id":"m","channel":"custom:x","frequency":{"every":"0s","max":3}}]}`,
		`{"segments":{"a":{"all":[{"user":"plan","op":"is","value":"pro"}]}}}`,
		`{"series":[{"id":"s","blocks":[{"id":"b","wait":"1d","next":"c"},{"id":"c","exit":true}]}]}`,
		`{"messages":[{"schedule":{"windows":[{"days":["mon"],"from":"22:00","to":"02:00"}]}}]}`,
		`{"messages":[{"live_at":"2026-01-05T00:00:00.123+02:00"}]}`, `{"a":`, "\xff",
		`{"messages":[{"content":{"format":"html","subject":"s","body":"<p>{{ name }}","text":"{{ name }}","data":{"d":"x"},"missing":"hold","parameters":{"p":"event.order | fallback: 'x'"}}}]}`,
		`{"timezone":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		p, err := ParseProgram(doc)
		if err != nil {
			if !errors.Is(err, ErrProgramInvalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		written, err := json.Marshal(p)
		if err != nil {
			t.Fatalf("accepted, but cannot be written: %v", err)
		}
		again, err := ParseProgram(written)
		if err != nil {
			t.Fatalf("written as %s, which is refused: %v", written, err)
		}
		rewritten, err := json.Marshal(again)
		if err != nil || string(rewritten) != string(written) {
			t.Fatalf("written as %s, then as %s (%v)", written, rewritten, err)
		}
	})
}

// Any program that is sound in shape is the same after it was written and read,
// in Go as in JSON, whatever it means.
func TestProgramRoundTrip(t *testing.T) {
	equal := cmp.Options{
		cmp.Comparer(equalValues),
		cmp.Comparer(func(a, b Rule) bool { return a.String() == b.String() }),
		cmpopts.EquateApproxTime(0),
	}
	rapid.Check(t, func(t *rapid.T) {
		p := drawProgram(t)
		written, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseProgram(written)
		if err != nil {
			t.Fatalf("%s\n%v", written, err)
		}
		if diff := cmp.Diff(p, again, equal); diff != "" {
			t.Fatalf("%s\n(-written +read):\n%s", written, diff)
		}
		rewritten, err := json.Marshal(again)
		if err != nil || string(rewritten) != string(written) {
			t.Fatalf("written as\n%s\nthen as\n%s, %v", written, rewritten, err)
		}
	})
}
