// Package simulation runs several engines over one store in virtual time and checks,
// after every step, what beckon promises. Everything in it is a test.
//
// A world has processes, each with its own engine, program and clock; people, who do
// things, log in and leave; workers, whose senders fail, wait, panic and die; and a store
// that delays, fails, loses answers and goes down. Processes die in the middle of a call and come back with nothing but the
// store. Everything follows from a seed: one task runs at a time, and a scheduler says
// which one, at each call of the store and at each reading of a clock. So you can
// repeat a failure:
//
//	go test ./internal/simulation -simulation.seed=N
//
// Tests that plant a fault in the store show that the simulation can fail.
package simulation
