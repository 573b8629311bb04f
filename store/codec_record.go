package store

import (
	"cmp"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/value"
)

// Each of these functions lists the fields of one type, in the order of the
// persisted form. TestCodecCarriesEveryField fails for a field that is not
// here; once a form is released, to add one is to begin a new dataVersion.

// The fewest bytes that one row takes: a byte for each number, text and list,
// 16 for a hash. They bound the memory that a made-up length can ask for.
const (
	leastStats         = 4
	leastSendStats     = 6
	leastSendLogEntry  = 9
	leastPermits       = 5
	leastPermit        = 2
	leastCounter       = 7 // before version 3; since then 8
	leastDedup         = 17
	leastAttribute     = 7
	leastHold          = 9
	leastHoldWithEvent = 18
	leastEvent         = 10
	leastSeriesState   = 6
	leastGoalMark      = 4
	leastDateMark      = 3
	leastFreeSequence  = 2
	leastArmedDate     = 3
	leastPending       = 33
	leastMergedFrom    = 3
	leastKey           = 2
	leastField         = 7
	leastChoice        = 4
)

func codeRecord(c *coder, r *Record) {
	codeKey(c, &r.Key)
	c.bool(&r.Exists)
	c.int64(&r.LastSeen)
	c.uint64(&r.EventSeq)
	all := c.only == nil
	section(c, all || c.only.Stats, &r.Stats, leastStats, codeStats)
	codeSends(c, r, all || c.only.Sends)
	section(c, all || c.only.Counters, &r.Counters, leastCounter, codeCounter)
	section(c, all, &r.Dedup, leastDedup, codeDedup)
	if c.version >= 3 {
		section(c, all, &r.Permits, leastPermits, codePermits)
		codePendingList(c, &r.Pending)
	}
	codeKeptProfile(c, r)
	if c.reading && c.version < 3 && cmp.Or(c.kind, r.Key.Kind) == KindThrottle {
		r.Permits, r.Counters = permitsOf(r.Counters), nil
	}
	if c.version >= 7 {
		codeTallies(c, r.Counters)
	}
}

// codeTallies codes the tallies of counters, which few have: the place of a counter and its
// tally, up to the end. So they take no room where there are none.
func codeTallies(c *coder, counters []Counter) {
	if !c.reading {
		for i := range counters {
			if text := counters[i].Tally; text != "" {
				c.writeUint(uint64(i))
				c.writeText(text)
			}
		}
		return
	}
	for next := uint64(0); c.err == nil && c.at < len(c.body); {
		i, text := c.readUint(), c.readText()
		if c.only != nil && !c.only.Counters {
			continue
		}
		if i < next || i >= uint64(len(counters)) || text == "" {
			c.fail("has a tally of no counter")
			return
		}
		counters[i].Tally, next = text, i+1
	}
}

func codeKey(c *coder, k *Key) {
	c.uint8((*uint8)(&k.Kind))
	c.text(&k.ID)
}

func codeStats(c *coder, s *Stats) {
	c.name(&s.Name)
	c.uint64(&s.Count)
	c.int64(&s.First)
	c.int64(&s.Last)
}

func codeSendStats(c *coder, s *SendStats) {
	c.text(&s.Message)
	c.text(&s.Company)
	c.flags(&s.Control, &s.Composed)
	c.uint32(&s.Count)
	c.int64(&s.Last)
	c.int64(&s.Prior)
}

func codeSendLogEntry(c *coder, s *SendLogEntry) {
	c.text(&s.ID)
	c.int64(&s.At)
	c.text(&s.Message)
	c.text(&s.Company)
	c.text((*string)(&s.Channel))
	list(c, &s.Tags, 1, (*coder).text)
	c.uint32(&s.Sequence)
	c.bool(&s.Exempt)
	c.int64(&s.Date)
}

func codeCounter(c *coder, k *Counter) {
	c.text(&k.Def)
	c.uint64(&k.Count)
	c.int64(&k.First)
	c.int64(&k.Last)
	list(c, &k.Times, 1, (*coder).int64)
	if c.version < 3 {
		codeKeepAndMissed(c, k)
		return
	}
	c.int(&k.Keep)
	c.int64(&k.Since)
	c.uint64(&k.Missed)
}

func codePermits(c *coder, p *Permits) {
	c.text(&p.Throttler)
	c.uint64(&p.Count)
	c.int64(&p.Last)
	c.int64(&p.Prior)
	list(c, &p.Newest, leastPermit, codePermit)
}

func codePermit(c *coder, p *Permit) {
	c.int64(&p.At)
	c.uint64(&p.Sequence)
}

// codeKeepAndMissed codes the end of a counter in versions 1 and 2. Keep is never
// negative, so its sign could say that there is one number more.
func codeKeepAndMissed(c *coder, k *Counter) {
	keep := k.Keep
	if k.Missed != 0 {
		keep = -1 - keep
	}
	c.int(&keep)
	c.int64(&k.Since)
	if keep >= 0 {
		if c.reading {
			k.Keep = keep
		}
		return
	}
	c.uint64(&k.Missed)
	if c.reading {
		if k.Keep = -1 - keep; k.Missed == 0 {
			c.fail("has a number out of its range")
		}
	}
}

func codeDedup(c *coder, s *Dedup) {
	c.hash(&s.Hash)
	c.int64(&s.At)
}

// codeProfile codes a profile. In versions 1 and 2 what is pending is a part of it.
func codeProfile(c *coder, p *Profile, pending *PendingList) {
	c.int64(&p.Created)
	codeAttributes(c, &p.Attributes)
	list(c, &p.Companies, 1, (*coder).text)
	list(c, &p.Unsubscribed, 1, (*coder).text)
	c.int64(&p.LastCheck)
	codeHolds(c, p)
	list(c, &p.SeriesStates, leastSeriesState, codeSeriesState)
	list(c, &p.Goals, leastGoalMark, codeGoalMark)
	list(c, &p.Dates, leastDateMark, codeDateMark)
	list(c, &p.FreeSequences, leastFreeSequence, codeFreeSequence)
	if c.version < 3 {
		codePendingList(c, pending)
	}
	codeKey(c, &p.Forward)
	codeKey(c, &p.Moving)
	codeMoveWins(c, p)
	c.uint64(&p.Generation)
	list(c, &p.MergedFrom, leastMergedFrom, codeMergedFrom)
	list(c, &p.Aliases, leastKey, codeKey)
	if c.version >= 2 {
		list(c, &p.Matched, 1, (*coder).text)
		c.int64(&p.Merged)
	}
	if c.version >= 7 {
		codeRare(c, p)
	}
}

func codeAttribute(c *coder, a *Attribute) {
	c.name(&a.Name)
	codeValue(c, peek.Of(&a.Value))
}

func codeHold(c *coder, h *Hold) {
	c.text(&h.Message)
	c.text(&h.Company)
	c.int64(&h.Due)
	c.uint64(&h.Order)
	codeHoldKind(c, h)
	c.text(&h.Same)
	c.bool(&h.HasSame)
	c.bool(&h.Keyed)
}

func codeSeriesState(c *coder, w *SeriesState) {
	c.text(&w.Series)
	c.text(&w.Block)
	c.int64(&w.Since)
	c.int64(&w.Due)
	c.bool(&w.Done)
	c.int64(&w.Entered)
	if c.version >= 7 {
		c.uint32(&w.Entries)
		c.uint32(&w.Exits)
	}
}

func codeGoalMark(c *coder, g *GoalState) {
	c.text(&g.Message)
	c.int64(&g.Until)
	c.bool(&g.Control)
	c.bool(&g.Converted)
	if c.version >= 2 {
		c.int64(&g.Sent)
	}
}

func codeDateMark(c *coder, d *DateState) {
	c.text(&d.Message)
	c.text(&d.Company)
	c.int64(&d.Value)
}

func codeFreeSequence(c *coder, f *FreeSequence) {
	c.text(&f.Message)
	c.uint32(&f.Sequence)
}

func codeMergedFrom(c *coder, t *MergedFrom) {
	codeKey(c, &t.From)
	c.uint64(&t.Generation)
}

func codeLoggedEvent(c *coder, e *LoggedEvent) {
	c.uint64(&e.Seq)
	c.name(&e.Name)
	c.int64(&e.At)
	c.int64(&e.Arrived)
	c.text(&e.EventID)
	c.text(&e.CompanyID)
	c.text((*string)(&e.Source))
	c.bool(&e.Import)
	optional(c, &e.Page, codePage)
	list(c, (*[]value.Field)(&e.Metadata), leastField, codeField)
}

func codePage(c *coder, p *Page) {
	c.text(&p.URL)
	codeValue(c, peek.Of(&p.Seconds))
}

func codeField(c *coder, f *value.Field) {
	c.text(&f.Key)
	codeValue(c, peek.Of(&f.Value))
}
