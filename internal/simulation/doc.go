// Package simulation runs several engines over one store in virtual time and
// checks, after every step, what beckon promises. Everything in it is a test.
//
// A world has processes, each with an engine, a program and a clock of its own;
// people, who do things, log in and leave; workers; and a store that delays,
// fails, loses answers and goes down. Processes die in the middle of a call and
// come back with nothing but the store. What happens follows from a seed alone:
// one task runs at a time, and a scheduler says which, at each call of the store
// and at each reading of a clock. So a failure can be replayed:
//
//	go test ./internal/simulation -simulation.seed=N
//
// The tests that plant a fault in the store itself show that the simulation can
// fail.
package simulation
