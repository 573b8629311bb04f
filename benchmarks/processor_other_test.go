//go:build !unix

package benchmarks

import "time"

// processorTime is not known here, and then not reported.
func processorTime() time.Duration { return 0 }
