// Command beckon tests rule sets that are written as data, and shows what they do.
//
//	beckon test [-json] FILE…
//	beckon vet [-json] [-catalogue FILE] FILE…
//	beckon replay [-json] -program P [-against P2] -events E
//	beckon explain [-json] -program P -contact C [-event E] [-at T]
//
// "beckon help" says what each does.
//
// The verb test prints a line for each scenario of the files, every difference between
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
