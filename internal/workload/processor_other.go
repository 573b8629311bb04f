//go:build !unix

package workload

import "time"

// ProcessorTime is not known here, and then not reported.
func ProcessorTime() time.Duration { return 0 }
