package main

import (
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

// A dump without what is damaged is written, and its status says that something is wrong.
func TestDumpDamaged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	if err := fillStore("sqlite:"+path, storeProgram, storeSteps); err != nil {
		t.Fatal(err)
	}
	alter(t, path, "UPDATE beckon_events SET data = x'00ff' WHERE seq = 1")
	to := filepath.Join(t.TempDir(), "backup")
	var out, wrong strings.Builder
	if status := run([]string{"dump", "-store", "sqlite:" + path, to}, &out, &wrong); status != failed || !strings.Contains(out.String(), "dumped ") || !strings.Contains(wrong.String(), "beckon dump: ") {
		t.Errorf("status %d\n%s\n%s", status, out.String(), wrong.String())
	}
	if status := run([]string{"restore", "-check", to}, &out, &wrong); status != passed {
		t.Errorf("the dump is not whole: %s", wrong.String())
	}
}

// The version of the library is told where it is one, and not that of a folder in its place.
func TestVersionOfTheLibrary(t *testing.T) {
	t.Parallel()
	of := func(replaced *debug.Module) string {
		return buildOf(&debug.BuildInfo{
			GoVersion: "go1.26", Main: debug.Module{Version: "v0.3.0"}, Deps: []*debug.Module{{Path: "github.com/beckon-go/beckon", Version: "v0.2.0", Replace: replaced}},
		}).String()
	}
	if got := of(nil); got != "beckon v0.3.0, library v0.2.0, go1.26" {
		t.Error(got)
	}
	if got := of(&debug.Module{Path: "../.."}); got != "beckon v0.3.0, go1.26" {
		t.Error(got)
	}
}
