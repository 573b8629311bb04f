package sharedmodel

import (
	"sync/atomic"
	"time"
)

// A hand is a clock that stands where it was put.
type hand struct{ ms atomic.Int64 }

func (h *hand) now() time.Time { return time.UnixMilli(h.ms.Load()) }

func (h *hand) set(t time.Time) { h.ms.Store(t.UnixMilli()) }

func (h *hand) add(d time.Duration) { h.ms.Add(d.Milliseconds()) }

// noon is when histories begin.
func noon() time.Time { return time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC) }
