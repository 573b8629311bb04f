// Command beckon runs the tests of rule sets that are written as data.
//
//	beckon test [-json] FILE…
//
// It prints a line for each scenario of the files, every difference between
// what came of a step and what it wants, and last "N passed, N failed". With
// -json it prints a line of JSON for each step instead,
//
//	{"scenario": "…", "step": 0, "result": RESULT or null, "errors": [ERROR…]}
//
// and the differences on the standard error. The exit status is 0 if all
// passed, 1 if any scenario failed, and 2 for a file that cannot be read and
// for a wrong command line.
package main

import (
	"os"
	_ "time/tzdata" // scenarios name zones, also where the system has no zone files
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }
