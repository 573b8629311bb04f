package report

import (
	"strconv"
	"time"

	"github.com/beckon-go/beckon/replay"
)

// buckets are the bars of a chart: each so many days.
type buckets struct {
	first, last time.Time // days, as midnight in UTC
	size        int       // days in each
	n           int
}

// bucketsOf returns bars for all days on which either sends; none if nothing was sent.
func bucketsOf(list ...*replay.Summary) buckets {
	var b buckets
	for _, s := range list {
		for day := range s.Days {
			t := dayOf(day)
			if b.first.IsZero() || t.Before(b.first) {
				b.first = t
			}
			if b.last.IsZero() || t.After(b.last) {
				b.last = t
			}
		}
	}
	if !b.first.IsZero() {
		days := daysBetween(b.first, b.last) + 1
		b.size = (days-1)/MaxBars + 1
		b.n = (days-1)/b.size + 1
	}
	return b
}

// dayOf reads the name of a day, as a summary has it.
func dayOf(name string) time.Time {
	t, err := time.Parse(time.DateOnly, name)
	if err != nil { // no replay makes one
		return time.Unix(0, 0).UTC()
	}
	return t
}

func daysBetween(a, b time.Time) int { return int((b.Unix() - a.Unix()) / 86_400) }

// fill returns what is sent in each bucket, of one message or, with "", of all.
func (b *buckets) fill(s *replay.Summary, message string) []int64 {
	counts := make([]int64, b.n)
	for day, sent := range s.Days {
		i := daysBetween(b.first, dayOf(day)) / b.size
		if message != "" {
			counts[i] += sent[message]
		} else {
			counts[i] += total(sent)
		}
	}
	return counts
}

// day returns the first day of a bucket.
func (b *buckets) day(i int) string { return b.first.AddDate(0, 0, i*b.size).Format(time.DateOnly) }

// name returns what a bucket is called.
func (b *buckets) name(i int) string {
	if b.size == 1 {
		return b.day(i)
	}
	end := b.first.AddDate(0, 0, (i+1)*b.size-1)
	if end.After(b.last) {
		end = b.last
	}
	return b.day(i) + " to " + end.Format(time.DateOnly)
}

// number writes a count with commas: 1,240.
func number(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// signed writes a change: +1,240, −12 or ±0.
func signed(n int64) string {
	switch {
	case n > 0:
		return "+" + number(n)
	case n < 0:
		return "−" + number(-n)
	}
	return "±0"
}

func plural(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return number(n) + " " + what
}
