package beckon

import (
	"errors"
	"testing"
)

// Row 70, Z4: the engine's limits reach its templates.
func TestContentLimitsOfAnEngine(t *testing.T) {
	if err := WithContentLimits(RenderLimits{TemplateVariables: -1}).apply(new(config)); err == nil {
		t.Error("a negative limit is accepted")
	}
	for _, c := range []struct {
		limits RenderLimits
		ok     bool
	}{{RenderLimits{}, true}, {RenderLimits{TemplateSize: 4}, true}, {RenderLimits{TemplateSize: 3}, false}} {
		cfg := defaultConfig()
		if err := WithContentLimits(c.limits).apply(&cfg); err != nil {
			t.Fatal(err)
		}
		_, faults := compile(Program{Messages: []Message{{ID: "m", Content: Content{Body: "four"}}}}, &cfg)
		if err := raise(faults); c.ok && err != nil || !c.ok && !errors.Is(err, ErrProgramInvalid) {
			t.Errorf("%+v: %v", c.limits, err)
		}
	}
}

// One fault is told once, with the place in the program (A8).
func TestContentFaultsOfAProgram(t *testing.T) {
	cfg := defaultConfig()
	_, list := compile(Program{Messages: []Message{{
		ID: "m", Content: Content{Format: "md", Missing: "drop", Body: "{{ event.a }}", Data: map[string]string{"button": "{{"}},
	}}}, &cfg)
	want := []string{"format", "missing", "body", "data.button"}
	if len(list) != len(want) {
		t.Fatalf("%d faults, want %d: %v", len(list), len(want), list)
	}
	for i, e := range list {
		if e.Path != "messages[0].content."+want[i] {
			t.Errorf("fault %d at %s, want %s", i, e.Path, want[i])
		}
	}
}
