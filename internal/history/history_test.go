package history

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
)

const everything = `{"timezone":"Europe/Dublin","office_hours":{"windows":[{"from":"09:00","to":"17:00"}]},
	"quiet_hours":[{"windows":[{"from":"22:00","to":"08:00"}]}],
	"segments":{"pro":{"all":[{"user":"plan","op":"in","value":["pro","team"]},{"not":{"company":"size","op":"less_than","value":5}}]}},
	"caps":[{"id":"day","max":1,"within":"24h"}],
	"events":{"paid":{"metadata":{"plan":{"type":"string","values":["free","pro"]},"n":{"type":"number"},"b":{"type":"boolean"},"at_date":{"type":"date"},"l":{"type":"link"},"r":{"type":"rich_link"},"i":{"type":"image"},"m":{"type":"monetary"},"s":{"type":"string"}}}},
	"topics":[{"id":"news","name":"News"}],
	"messages":[
		{"id":"ready","channel":"email","tags":["promo"],"status":"live","live_at":"2026-03-01T00:00:00Z","trigger":{"event":"upload","where":{"any":[{"metadata":"size","op":"at_least","value":2.5},{"metadata":"kind","op":"has_any_value"},{"page":"url","op":"matches","value":"*/pricing"},{"page":"seconds","op":"at_least","value":30}]},
			"unless":{"event":"opened","within":"1h","same":"file"}},"audience":{"all":[{"segment":"pro"},{"user":"tags","op":"contains_any","value":["a","b"]}]},
			"frequency":{"every":"1h","per":"file"},"content":{"body":"{{ name }} {{ event.file }} {{ company.name }}","parameters":{"x":"event.size","y":"plan"}}},
		{"id":"trial","channel":"email","status":"live","trigger":{"date":"trial_ends_at","offset":"-3d","at":"09:00"},"goal":{"rule":{"event":"paid","stat":"count","op":"at_least","value":1},"within":"7d"},"content":{"body":"x"}},
		{"id":"soon","status":"live","trigger":{"event":"booked","date":{"metadata":"starts_date"},"offset":"-1h"},"content":{"body":"x"}},
		{"id":"big","channel":"post","status":"live","audience":{"all":[{"event":"paid","stat":"sum","of":"price","op":"at_least","value":{"amount":1000,"currency":"eur"},"within":"7d","where":{"metadata":"plan","op":"is","value":"pro"}},{"user":"used","op":"greater_than","value":{"user":"quota"}}]},"content":{"body":"x"}},
		{"id":"changed","status":"live","trigger":{"attribute":"plan","from":"free","where":{"all":[{"metadata":"to","op":"is","value":"gold"}]}},"content":{"body":"x"}},
		{"id":"once","channel":"push","mode":"one_off","status":"live","schedule":{"stop":"2026-06-01T00:00:00Z","windows":[{"from":"10:00","to":"11:00"}]},"audience":{"user":"signed_up_at","op":"more_than_ago","value":"7d"},"content":{"body":"x"}},
		{"id":"after","channel":"sms","status":"live","audience":{"all":[{"user":"born","op":"after","value":"1990-01-01"},{"user":"beta","op":"is","value":true}]},"content":{"body":"x"}}],
	"series":[{"id":"s","status":"live","entry":{"trigger":{"event":"joined"}},"blocks":[{"id":"w","wait":"1d","next":"r"},{"id":"r","rule":{"user":"done","op":"is","value":1},"within":"3d","no":"u"},{"id":"u","wait_until":{"at":"07:00"},"next":"m"},{"id":"m","message":{"id":"hello","content":{"body":"x"}}}]}]}`

func of(t testing.TB, program string) (beckon.Program, *Program) {
	t.Helper()
	p, err := beckon.ParseProgram([]byte(program))
	if err != nil {
		t.Fatal(err)
	}
	h, err := Of([]byte(program))
	if err != nil {
		t.Fatal(err)
	}
	return p, h
}

// Random histories come to everything that a program can do: each message is sent, and
// few steps are refused. All are steps of a scenario, in order of time.
func TestHistoriesReachEverything(t *testing.T) {
	program, h := of(t, everything)
	sent, reasons := map[string]bool{}, map[beckon.Reason]bool{}
	refused, n := 0, 0
	d := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var moves []Move
		for range 60 {
			moves = append(moves, h.Draw(d))
		}
		steps := h.Steps(moves)
		var player *scenario.Player
		last := time.Time{}
		for _, raw := range steps {
			step, err := scenario.ParseStep(raw)
			if err != nil {
				t.Fatalf("%s: %v", raw, err)
			}
			if step.At().Before(last) {
				t.Fatalf("%s is before %s", raw, last)
			}
			last = step.At()
			if player == nil {
				if player, err = scenario.NewPlayer(context.Background(), program, last); err != nil {
					t.Fatal(err)
				}
			}
			out := player.Do(context.Background(), step)
			n++
			for _, e := range out.Errors {
				switch e.Code {
				case beckon.ErrCheckTooSoon, beckon.ErrMessageStopped, beckon.ErrContactUnknown, beckon.ErrContactAmbiguous:
				default:
					refused++
				}
			}
			if out.Result != nil {
				for i := range out.Result.Deliveries {
					sent[out.Result.Deliveries[i].Message] = true
				}
				for i := range out.Result.Held {
					reasons[out.Result.Held[i].Reason] = true
				}
			}
		}
	}
	if refused > n/100 {
		t.Errorf("%d of %d steps are refused", refused, n)
	}
	for _, id := range []string{"ready", "big", "trial", "soon", "changed", "once", "after", "hello"} {
		if !sent[id] {
			t.Errorf("%s is never sent", id)
		}
	}
	for _, r := range []beckon.Reason{
		beckon.ReasonNotLive, beckon.ReasonFilter, beckon.ReasonAudience, beckon.ReasonAlreadySent, beckon.ReasonWaiting, beckon.ReasonSchedule,
		beckon.ReasonQuiet, beckon.ReasonSnoozed, beckon.ReasonUnsubscribed, beckon.ReasonThrottled, beckon.ReasonCapped,
	} {
		if !reasons[r] {
			t.Errorf("nothing is held %s", r)
		}
	}
}

// The programs of all scenarios can be read for what they mention, and a program that
// mentions nothing has histories, too; so have those that are refused.
func TestEveryProgram(t *testing.T) {
	files, err := filepath.Glob("../../testdata/scenarios/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	programs := [][]byte{[]byte("{}")}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var list []struct{ Program json.RawMessage }
		if err := json.Unmarshal(data, &list); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, s := range list {
			if s.Program != nil {
				programs = append(programs, s.Program)
			}
		}
	}
	d := rand.New(rand.NewPCG(3, 4))
	for _, p := range programs {
		h, err := Of(p)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			for _, raw := range h.Steps([]Move{h.Draw(d), h.Draw(d)}) {
				if _, err := scenario.ParseStep(raw); err != nil {
					t.Fatalf("%s: %v", raw, err)
				}
			}
		}
	}
}

func TestNoProgram(t *testing.T) {
	if _, err := Of([]byte(`{`)); err == nil {
		t.Error("half a document is read")
	}
}
