// Package beckonui serves pages on which people see what an engine does: its messages with
// their status and totals, what happened to a contact and why, the events that are known,
// what is in the outbox, and an editor for the program.
//
//	ui := beckonui.Handler(engine, beckonui.WithProgram(program))
//	mux.Handle("/beckon/", admin(ui)) // admin lets nobody in but those who may see it
//
// # Who may see it
//
// The handler refuses nobody. Its pages show names, addresses and what people did. Put it
// behind the login of the host, always. What changes something is off until [AllowEdits]
// says who may.
//
// # Where it stands
//
// Any path that ends in a slash will do, with [http.StripPrefix] or without: links are
// relative, and the handler looks at the last part of the path only. Scripts, styles and
// templates are embedded. All that can be read works without JavaScript.
//
// docs/ui.md describes the pages.
package beckonui
