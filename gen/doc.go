// Package gen writes typed events for Go and types for TypeScript, from the events that a
// program declares or a catalogue lists. Code that tracks them cannot misspell a key,
// forget one that is required, or send a value that the declaration does not take.
//
//	//go:generate beckon gen -o events.go program.json
//
// What is written is the same each time for the same events, in the order of their names,
// and laid out as gofmt does. docs/programs.md shows it.
package gen
