package beckontest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/beckon-go/beckon"
)

// A fakeT records failures, so that they can be asserted. Fatalf ends the code
// under test by a panic that catch takes.
type fakeT struct {
	failures []string
	fatal    bool
}

func (f *fakeT) Helper()                  {}
func (f *fakeT) Context() context.Context { return context.Background() }
func (f *fakeT) Errorf(format string, args ...any) {
	f.failures = append(f.failures, fmt.Sprintf(format, args...))
}

func (f *fakeT) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	f.fatal = true
	panic(f)
}

// catch runs fn with a kit whose failures are recorded.
func catch(program beckon.Program, fn func(*Kit), opts ...beckon.Option) (f *fakeT) {
	f = &fakeT{}
	defer func() {
		if p := recover(); p != nil && p != any(f) {
			panic(p)
		}
	}()
	fn(newKit(f, program, opts))
	return f
}

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func upload() beckon.Event { return beckon.Event{Name: "upload", UserID: "u1"} }

func program() beckon.Program {
	return beckon.Program{Messages: []beckon.Message{
		{
			ID: "ready", Status: beckon.Live, Trigger: beckon.On("upload"), Frequency: &beckon.Frequency{Every: beckon.Hours(1)},
			Content: beckon.Content{Body: "{{ name | fallback: \"you\" }}"},
		},
		{
			ID: "pro", Status: beckon.Live, Priority: -1,
			Trigger:  beckon.On("upload").Where(beckon.Metadata("size").GreaterThan(1)),
			Audience: beckon.All(beckon.User("plan").Is("pro"), beckon.User("beta").Is(true)), Content: beckon.Content{Body: "x"},
		},
		{ID: "mail", Channel: beckon.Email, Status: beckon.Live, Content: beckon.Content{Body: "{{ company.name }}"}},
		{ID: "post", Channel: beckon.Post, Status: beckon.Live, Content: beckon.Content{Body: "x"}},
		{ID: "news", Channel: beckon.Email, Mode: beckon.OneOff, Status: beckon.Live, Content: beckon.Content{Body: "x"}},
	}}
}

// The table test of a rule set, as a host writes it: F2.
func TestTable(t *testing.T) {
	kit := New(t, program())
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{0, "sent"}, {20 * time.Minute, "throttled"}, {40 * time.Minute, "throttled"}, {61 * time.Minute, "sent"},
	} {
		kit.At(start.Add(c.after))
		kit.Track(upload()).Want("ready", c.want)
	}
}

// Every assertion that holds.
func TestAssertionsHold(t *testing.T) {
	kit := New(t, program(), beckon.WithOutbox())
	if !kit.Now().Equal(Epoch()) {
		t.Errorf("the clock stands at %s", kit.Now())
	}
	u1 := beckon.Identity{UserID: "u1"}
	ada := beckon.Contact{UserID: "u1", Name: "Ada", Companies: []beckon.Membership{{CompanyID: "acme", Name: "Acme"}}}
	kit.At(start).Update(ada).WantSent()
	kit.Track(upload()).WantSent("ready").WantHeld("pro", beckon.ReasonFilter).WantBody("ready", "Ada").
		WantBodyContains("ready", "A", "da").WantDuplicate(false).WantWarnings()
	kit.Advance(time.Minute).Track(upload()).WantSent().WantRetryAt("ready", start.Add(time.Hour)).WantRetryAt("pro", time.Time{}).WantCap("pro", "")
	kit.TrackJSON(`{"event_name":"other","user_id":"u1"}`).WantSent()
	kit.Visit(beckon.Visit{UserID: "u1"}).Want("post", "sent")
	kit.Sweep().Want("mail", "sent").WantBody("mail@acme", "Acme")
	kit.Check(u1).Want("mail@acme", "already_sent")
	kit.CheckErr(u1, beckon.ErrCheckTooSoon)
	kit.Send("news", beckon.Only(u1)).WantSent("news")
	kit.SendErr("nope", beckon.ErrMessageUnknown)
	kit.Due().WantSent()
	kit.Release(u1, "ready")
	kit.Track(beckon.Event{Name: "upload", UserID: "u1", EventID: "e"}).Want("ready", "sent")
	kit.Track(beckon.Event{Name: "upload", UserID: "u1", EventID: "e"}).WantDuplicate(true)
	kit.Pause("ready")
	kit.Track(upload()).Want("ready", "not_live")
	kit.Resume("ready")
	kit.Stop("ready")
	kit.WantErr(kit.Engine.Resume(t.Context(), "ready"), beckon.ErrMessageStopped)
	kit.Archive("upload")
	kit.Track(upload()).WantWarnings(beckon.WarnEventArchived).Want("pro", "not a candidate")
	kit.Unarchive("upload")
	if totals := kit.Totals("ready"); totals.Held[beckon.ReasonNotLive] != 1 {
		t.Errorf("totals %+v", totals)
	}
	kit.Update(beckon.Contact{UserID: "u2"})
	kit.Merge(beckon.Identity{UserID: "u2"}, u1)
	if who := kit.Match(beckon.All()); len(who) != 1 {
		t.Errorf("matched %v", who)
	}
	kit.Delete(u1)
	kit.TrackErr(beckon.Event{}, beckon.ErrContactMissing, beckon.ErrEventNameMissing)
	kit.TrackJSONErr(`{`, beckon.ErrJSONInvalid)
	kit.UpdateErr(beckon.Contact{}, beckon.ErrContactMissing)
	kit.VisitErr(beckon.Visit{}, beckon.ErrContactMissing)
	kit.PublishErr(beckon.Program{Timezone: "Mars", Messages: []beckon.Message{{}}}, "messages[0].id", "timezone")
	kit.WantErr(nil)
}

// Every assertion that does not hold, and what it prints.
func TestAssertionsFail(t *testing.T) {
	for _, tt := range []struct {
		name string
		fn   func(*Kit)
		want []string // in the failure
	}{
		{"want sent", func(k *Kit) { k.Track(upload()); k.Track(upload()).Want("ready", "sent") }, []string{
			"Track upload at 2026-03-02T09:00:00Z: ready: got throttled, want sent",
			"held ready: throttled until 2026-03-02T10:00:00Z",
		}},
		{"the values behind a reason", func(k *Kit) {
			k.Update(beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"plan": beckon.String("free")}})
			k.Track(beckon.Event{Name: "upload", UserID: "u1", Metadata: beckon.Fields{{Key: "size", Value: beckon.Number(2)}}}).Want("pro", "sent")
		}, []string{
			"pro: got audience, want sent", `sent ready to u1, number 1: "you"`,
			`where {"metadata":"size","op":"greater_than","value":1}: true, the value is "2"`,
			"audience all: false", `{"user":"plan","op":"is","value":"pro"}: false, the value is "free"`,
			`{"user":"beta","op":"is","value":true}: false, the value is unknown`,
		}},
		{"the values behind a composed message", func(k *Kit) {
			k.Update(contact())
			k.SendTo(beckon.Identity{UserID: "u1"}, beckon.Message{ID: "note", Audience: beckon.User("plan").Is("pro"), Content: beckon.Content{Body: "x"}}).Want("note", "sent")
		}, []string{"note: got audience, want sent", `{"user":"plan","op":"is","value":"pro"}: false, the value is unknown`}},
		{"both sides of a comparison", func(k *Kit) {
			k.Publish(beckon.Program{Messages: []beckon.Message{{
				ID: "full", Status: beckon.Live, Trigger: beckon.On("upload"), Audience: beckon.User("used").GreaterThan(beckon.User("quota")), Content: beckon.Content{Body: "x"},
			}}})
			k.Update(beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"used": beckon.Number(4), "quota": beckon.Number(5)}})
			k.Track(beckon.Event{Name: "upload", UserID: "u1"}).Want("full", "sent")
		}, []string{`false, the value is "4" against "5"`}},
		{"want held", func(k *Kit) { k.Track(upload()).WantHeld("ready", beckon.ReasonAudience) }, []string{"ready: got sent, want audience"}},
		{"no candidate", func(k *Kit) { k.Update(contact()).Want("ready", "sent") }, []string{"got not a candidate", "nothing sent, nothing held"}},
		{"a misspelt message", func(k *Kit) { k.Track(upload()).Want("redy", "sent") }, []string{`Track upload at 2026-03-02T09:00:00Z: no message "redy", did you mean "ready"?` + "\n    sent ready" + ``}},
		{"a misspelt message of a company", func(k *Kit) { k.Track(upload()).WantBody("mial@acme", "x") }, []string{`no message "mial", did you mean "mail"?`}},
		{"another message", func(k *Kit) { k.Track(upload()).WantRetryAt("zebra", start) }, []string{`no message "zebra"` + "\n"}},
		{"misspelt messages", func(k *Kit) { k.Track(upload()).WantSent("redy", "redy") }, []string{`09:00:00Z: no message "redy", did you mean "ready"?` + "\n"}},
		{"a misspelt reason", func(k *Kit) { k.Track(upload()).WantHeld("pro", "fitler") }, []string{`no reason "fitler", did you mean "filter"?`}},
		{"a misspelt sent", func(k *Kit) { k.Track(upload()).Want("ready", "snet") }, []string{`no reason "snet", did you mean "sent"?`}},
		{"a misspelt message that is not wanted", func(k *Kit) { k.Track(upload()).Want("redy", "not a candidate") }, []string{`no message "redy", did you mean "ready"?`}},
		{"a misspelt message in the body", func(k *Kit) { k.Track(upload()).WantBodyContains("redy", "x") }, []string{`no message "redy", did you mean "ready"?`}},
		{"a misspelt message under a cap", func(k *Kit) { k.Track(upload()).WantCap("redy", "") }, []string{`no message "redy", did you mean "ready"?`}},
		{"a misspelt cap", func(k *Kit) {
			p := program()
			p.Caps = []beckon.Cap{{ID: "day", Max: 1, Within: beckon.Days(1)}}
			k.Publish(p)
			k.Track(upload()).WantCap("pro", "dya")
		}, []string{`no cap "dya", did you mean "day"?`}},
		{"want nothing sent", func(k *Kit) { k.Track(upload()).WantSent() }, []string{`sent ["ready"], want []`}},
		{"want sent twice", func(k *Kit) { k.Track(upload()).WantSent("ready", "ready") }, []string{`want ["ready" "ready"]`}},
		{"no message listens", func(k *Kit) { k.Track(beckon.Event{Name: "uplod", UserID: "u1"}).Want("ready", "sent") }, []string{
			"got not a candidate", "nothing sent, nothing held", "no message listens to uplod; did you mean upload?",
		}},
		{"retry_at of what is sent", func(k *Kit) { k.Track(upload()).WantRetryAt("ready", start) }, []string{"got sent, want it held"}},
		{"the cap of what is sent", func(k *Kit) { k.Track(upload()).WantCap("ready", "") }, []string{"got sent, want it held"}},
		{"another cap", func(k *Kit) {
			p := program()
			p.Caps = []beckon.Cap{{ID: "day", Max: 9, Within: beckon.Days(1)}}
			k.Publish(p)
			k.Track(upload()).WantCap("pro", "day")
		}, []string{`pro: held by the cap "", want "day"`}},
		{"another retry_at", func(k *Kit) { k.Track(upload()).WantRetryAt("pro", start) }, []string{"retry_at is never, want 2026-03-02T09:00:00Z"}},
		{"another body", func(k *Kit) { k.Track(upload()).WantBody("ready", "me") }, []string{`the body is`, `"you", want`, `"me"`}},
		{"body of what is held", func(k *Kit) { k.Track(upload()).WantBody("pro", "x") }, []string{"pro: got filter, want it sent"}},
		{"not in the body", func(k *Kit) { k.Track(upload()).WantBodyContains("ready", "you", "me") }, []string{`want in it`, `"me"`}},
		{"in the body of what is held", func(k *Kit) { k.Track(upload()).WantBodyContains("pro", "x") }, []string{"pro: got filter, want it sent"}},
		{"warnings", func(k *Kit) { k.Track(upload()).WantWarnings(beckon.WarnEventArchived) }, []string{`warnings [], want ["event_archived"]`}},
		{"duplicate", func(k *Kit) { k.Track(upload()).WantDuplicate(true) }, []string{"duplicate is false, want true"}},
		{"held for a company", func(k *Kit) {
			k.Update(beckon.Contact{UserID: "u1", Companies: []beckon.Membership{{CompanyID: "acme"}}})
			k.Sweep()
			k.Check(beckon.Identity{UserID: "u1"}).Want("mail", "sent")
		}, []string{"held mail@acme: already_sent"}},
		{"no error", func(k *Kit) { k.TrackErr(upload(), beckon.ErrContactMissing) }, []string{`got errors [], want ["contact_missing"]`, "no error"}},
		{"another error", func(k *Kit) { k.TrackErr(beckon.Event{Name: "a"}) }, []string{`got errors ["contact_missing"], want []`}},
		{"other faults", func(k *Kit) { k.PublishErr(beckon.Program{Timezone: "Mars"}, "a") }, []string{`Publish: got faults at ["timezone"], want ["a"]`}},
		{"another library's error", func(k *Kit) { k.WantErr(errors.New("boom")) }, []string{`got errors [""], want []`, "boom"}},
		{"a code by itself", func(k *Kit) { k.WantErr(beckon.ErrClosed) }, []string{`got errors ["closed"]`}},
		{"a single error", func(k *Kit) { k.WantErr(&beckon.Error{Code: beckon.ErrModeFixed}) }, []string{`got errors ["mode_fixed"]`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := catch(program(), func(k *Kit) { tt.fn(k.At(start)) })
			if len(f.failures) != 1 || f.fatal {
				t.Fatalf("got failures %q, fatal: %t", f.failures, f.fatal)
			}
			for _, want := range tt.want {
				if !strings.Contains(f.failures[0], want) {
					t.Errorf("got\n%s\nwant in it\n%s", f.failures[0], want)
				}
			}
		})
	}
}

func contact() beckon.Contact { return beckon.Contact{UserID: "u1"} }

// An error that no assertion wants stops the test.
func TestErrorsAreFatal(t *testing.T) {
	nobody := beckon.Identity{}
	for name, fn := range map[string]func(*Kit){
		"Publish":   func(k *Kit) { k.Publish(beckon.Program{Timezone: "Mars"}) },
		"Track":     func(k *Kit) { k.Track(beckon.Event{}) },
		"TrackJSON": func(k *Kit) { k.TrackJSON(`{`) },
		"Update":    func(k *Kit) { k.Update(beckon.Contact{}) },
		"Visit":     func(k *Kit) { k.Visit(beckon.Visit{}) },
		"Check":     func(k *Kit) { k.Check(nobody) },
		"Send":      func(k *Kit) { k.Send("nope") },
		"SendTo":    func(k *Kit) { k.SendTo(nobody, beckon.Message{ID: "m"}) },
		"Merge":     func(k *Kit) { k.Merge(nobody, nobody) },
		"Pause":     func(k *Kit) { k.Pause("nope") },
		"Resume":    func(k *Kit) { k.Resume("nope") },
		"Stop":      func(k *Kit) { k.Stop("nope") },
		"Archive":   func(k *Kit) { k.Archive("") },
		"Unarchive": func(k *Kit) { k.Unarchive("") },
		"Release":   func(k *Kit) { k.Release(nobody, "ready") },
		"Delete":    func(k *Kit) { k.Delete(nobody) },
		"Messages":  func(k *Kit) { k.Engine = &beckon.Engine{}; k.Messages(beckon.MessageFilter{}) },
		"Match":     func(k *Kit) { k.Match(beckon.Segment("nope")) },
		"Sweep": func(k *Kit) {
			if err := k.Engine.Close(); err != nil {
				k.t.Errorf("%v", err)
			}
			k.Sweep()
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := catch(program(), fn)
			if !f.fatal || len(f.failures) != 1 || !strings.HasPrefix(f.failures[0], name) {
				t.Errorf("got failures %q, fatal: %t", f.failures, f.fatal)
			}
		})
	}
	for name, f := range map[string]*fakeT{
		"program": catch(beckon.Program{Timezone: "Mars"}, func(*Kit) {}),
		"option":  catch(beckon.Program{}, func(*Kit) {}, beckon.WithEventNamesLimit(-1)),
	} {
		if !f.fatal {
			t.Errorf("%s: got failures %q", name, f.failures)
		}
	}
}

func TestName(t *testing.T) {
	for want, who := range map[string]beckon.Identity{
		"u1": {UserID: "u1", ID: "7"}, "7": {ID: "7"}, "a@b.example": {Email: "a@b.example", AnonymousID: "v1"}, "v1": {AnonymousID: "v1"}, "nobody": {},
	} {
		if got := name(who); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func scenarioFile(want string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(`[{"name":"one","program":{"messages":[{"id":"m","status":"live","trigger":{"event":"a"},"content":{"body":"x"}}]},
		"steps":[{"at":"2026-03-02T09:00:00Z","track":{"event_name":"a","user_id":"u1"},"want":` + want + `}]}]`)}
}

func TestScenarios(t *testing.T) {
	Scenarios(t, fstest.MapFS{"rules/a.json": scenarioFile(`{"sent":[{"message":"m"}]}`), "rules/b.txt": {}}, "rules/*.json")
}

func TestScenariosFail(t *testing.T) {
	fsys := fstest.MapFS{"a.json": scenarioFile(`{"sent":[]}`), "b.json": {Data: []byte(`{`)}}
	list, err := read(fsys, "a.json")
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeT{}
	runScenario(f, "rules/a.json", &list[0])
	if len(f.failures) != 1 || !strings.HasPrefix(f.failures[0], "rules/a.json:2:91: step 0 track: sent: got {") {
		t.Errorf("got failures %q", f.failures)
	}
	for _, name := range []string{"b.json", "c.json"} {
		if _, err := read(fsys, name); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

// The program of a scenario may stand in a file beside it.
func TestScenariosOfAProgramFile(t *testing.T) {
	Scenarios(t, fstest.MapFS{
		"rules/up.json": {Data: []byte(`{"name":"up","program_file":"../live.json","steps":[{"at":"2026-03-02T09:00:00Z","track":{"event_name":"up","user_id":"u"},"want":{"sent":[{"message":"m"}]}}]}`)},
		"live.json":     {Data: []byte(`{"messages":[{"id":"m","status":"live","trigger":{"event":"up"},"content":{"body":"x"}}]}`)},
	}, "rules/*.json")
	for dir, name := range map[string]string{".": "../live.json", "rules": "../../live.json"} {
		_, err := programFiles(fstest.MapFS{}, dir, name)
		if want := name + " is outside of the files of the test: give it the files of a folder above, such as os.DirFS(\"..\")"; err == nil || err.Error() != want {
			t.Error(err)
		}
	}
}

// It may stand in all files *.json of a directory.
func TestScenariosOfAProgramInFiles(t *testing.T) {
	fsys := fstest.MapFS{
		"rules/up.json":        {Data: []byte(`{"name":"up","program_file":"../live","steps":[{"at":"2026-03-02T09:00:00Z","track":{"event_name":"up","user_id":"u"},"want":{"held":{"m":"audience"}}}]}`)},
		"live/a.json":          {Data: []byte("\ufeff" + `{"segments":{"pro":{"user":"plan","op":"is","value":"pro"}}}`)},
		"live/b.json":          {Data: []byte(`{"messages":[{"id":"m","status":"live","trigger":{"event":"up"},"audience":{"segment":"pro"},"content":{"body":"x"}}]}`)},
		"live/old.json/c.json": {Data: []byte(`{"timezone":"Mars"}`)},
		"live/notes.txt":       {Data: []byte("none of it")},
		"empty/notes.txt":      {Data: []byte("none of it")},
	}
	Scenarios(t, fsys, "rules/*.json")
	if _, err := programFiles(fsys, "rules", "../empty"); err == nil || err.Error() != "../empty has no program: no file *.json is in it" {
		t.Error(err)
	}
	if files, err := programFiles(fsys, "rules", "../live"); err != nil || len(files) != 2 || files[1].Name != "../live/b.json" {
		t.Error(files, err)
	}
}

// The caller's program is tested in place of the scenarios' own.
func TestScenariosFor(t *testing.T) {
	fsys := fstest.MapFS{
		"rules/own.json":  scenarioFile(`{"sent":[{"message":"mine"}]}`),
		"rules/file.json": {Data: []byte(`{"name":"up","program_file":"nowhere.json","steps":[{"at":"2026-03-02T09:00:00Z","track":{"event_name":"a","user_id":"u"},"want":{"sent":[{"message":"mine"}]}}]}`)},
		"rules/none.json": {Data: []byte(`{"name":"up","steps":[{"at":"2026-03-02T09:00:00Z","track":{"event_name":"a","user_id":"u"},"want":{"sent":[{"message":"mine"}]}}]}`)},
	}
	ScenariosFor(t, beckon.Program{Messages: []beckon.Message{{ID: "mine", Status: beckon.Live, Trigger: beckon.On("a"), Content: beckon.Content{Body: "x"}}}}, fsys, "rules/*.json")
	known := fstest.MapFS{"a.json": {Data: []byte(`{"name":"up","steps":[{"at":"2026-03-02T09:00:00Z","track":{"event_name":"a","user_id":"u"},"want":{"rejected":true}}]}`)}}
	ScenariosFor(t, beckon.Program{}, known, "*.json", beckon.WithKnownContactsOnly())
}

// What runs without the kit's doing is known to it, too.
func TestNamesOfTheEngine(t *testing.T) {
	kit := New(t, beckon.Program{})
	if err := kit.Engine.Publish(t.Context(), program()); err != nil {
		t.Fatal(err)
	}
	kit.Track(upload()).Want("post", noCandidate)
	kit.SendTo(beckon.Identity{UserID: "u1"}, beckon.Message{ID: "note", Content: beckon.Content{Body: "x"}})
	kit.Track(upload()).Want("note", noCandidate)
}
