package main

import (
	"sync/atomic"
	"time"
)

// A clock is that of the shop: the real one, and what clicks have put it ahead. It shows an
// hour of uploads within a minute. The next process begins with the real one again: what was
// sent ahead of that counts as sent when it is noticed (F6).
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) pass(d time.Duration) { c.ahead.Add(int64(d)) }
