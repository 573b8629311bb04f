package main

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// What a file may be of.
const (
	aScenario  = "a scenario"
	aProgram   = "a program"
	aCatalogue = "a catalogue"
	aContact   = "a contact"
	anEvent    = "an event"
)

// mistaken says what is wrong with a file that should be one thing: that it is another, which is
// all there is to say then, or else err.
func mistaken(name string, data []byte, want string, err error) error {
	if is := whatIs(data); is != "" && is != want {
		return fmt.Errorf("%s is %s, not %s", fileName(name), is, want)
	}
	return fmt.Errorf("%s: %w", fileName(name), err)
}

// whatIs says what a document is of, by members that only that has; empty if that cannot be
// told. A list is of what its first item is of.
func whatIs(data []byte) string {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) == nil && len(list) > 0 {
		data = list[0]
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) != nil {
		return ""
	}
	has := func(names ...string) bool {
		for _, name := range names {
			if _, is := members[name]; is {
				return true
			}
		}
		return false
	}
	listed := bytes.HasPrefix(members["events"], []byte("["))
	switch {
	case has("steps", "program", "program_file"):
		return aScenario
	case has("event_name"):
		return anEvent
	case has("messages", "series", "segments", "caps", "topics", "office_hours", "quiet_hours", "control") || has("events") && !listed:
		return aProgram
	case listed:
		return aCatalogue
	case has("user_id", "id", "email", "anonymous_id", "history"):
		return aContact
	}
	return ""
}
