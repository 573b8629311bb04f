package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// Of many sends the newest are listed.
func TestContactListsTheNewest(t *testing.T) {
	t.Parallel()
	address := "sqlite:" + filepath.Join(t.TempDir(), "a.db")
	program := strings.ReplaceAll(storeProgram, `"trigger"`, `"frequency":{"every":"0s"},"trigger"`)
	var steps []string
	for i := range 25 {
		steps = append(steps, fmt.Sprintf(`{"at":"2026-03-02T09:%02d:00Z","track":{"event_name":"signed-up","user_id":"u1"}}`, i))
	}
	if err := fillStore(address, program, strings.Join(steps, "\n")); err != nil {
		t.Fatal(err)
	}
	var out, wrong strings.Builder
	if status := run([]string{"contact", "-store", address, "u1"}, &out, &wrong); status != passed {
		t.Fatalf("status %d\n%s", status, wrong.String())
	}
	var numbers []string
	for _, line := range strings.Split(out.String(), "\n") {
		if f := strings.Fields(line); len(f) == 5 && f[2] == "welcome" && f[3] == "email" {
			numbers = append(numbers, f[4])
		}
	}
	if len(numbers) != shownLast || numbers[0] != "6" || numbers[shownLast-1] != "25" {
		t.Errorf("listed are %q:\n%s", numbers, out.String())
	}
}

// What is a date is printed as one, and not in Unix seconds; a number stays a number.
func TestContactDates(t *testing.T) {
	t.Parallel()
	address := "sqlite:" + filepath.Join(t.TempDir(), "a.db")
	steps := `{"at":"2026-03-02T09:00:01Z","contact":{"user_id":"u1","attributes":{"signed_up_at":"2026-03-01T08:00:00Z","seats":1772355600}}}`
	if err := fillStore(address, storeProgram, steps); err != nil {
		t.Fatal(err)
	}
	var out, wrong strings.Builder
	if status := run([]string{"contact", "-store", address, "u1"}, &out, &wrong); status != passed {
		t.Fatalf("status %d\n%s", status, wrong.String())
	}
	got := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{"signed_up_at 2026-03-01 08:00:00", "seats 1772355600"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// Of a contact with an event that cannot be read all else is printed, and the damage told.
func TestContactDamaged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	if err := fillStore("sqlite:"+path, storeProgram, storeSteps); err != nil {
		t.Fatal(err)
	}
	alter(t, path, "UPDATE beckon_events SET data = x'00ff' WHERE seq = 1")
	var out, wrong strings.Builder
	status := run([]string{"contact", "-store", "sqlite:" + path, "u1"}, &out, &wrong)
	if status != passed || !strings.Contains(out.String(), "welcome") || !strings.Contains(wrong.String(), "beckon contact: ") || !strings.Contains(wrong.String(), "u1") {
		t.Errorf("status %d\n%s\n%s", status, out.String(), wrong.String())
	}
}
