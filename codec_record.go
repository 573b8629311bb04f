package beckon

import (
	"maps"
	"slices"
)

// Each of these functions lists the fields of one type, in the order of the
// persisted form. TestCodecCarriesEveryField fails for a field that is not
// here; once a form is released, to add one is to begin a new dataVersion.

func codeRecord(c *coder, r *Record) {
	codeKey(c, &r.Key)
	c.bool(&r.Exists)
	c.int64(&r.LastSeen)
	c.uint64(&r.EventSeq)
	list(c, &r.Stats, codeStats)
	list(c, &r.Sends, codeSends)
	list(c, &r.Log, codeSent)
	list(c, &r.Counters, codeCounter)
	list(c, &r.Seen, codeSeen)
	optional(c, &r.Profile, codeProfile)
}

func codeKey(c *coder, k *Key) {
	c.uint8((*uint8)(&k.Kind))
	text(c, &k.ID)
}

func codeStats(c *coder, s *Stats) {
	c.name(&s.Name)
	c.uint64(&s.Count)
	c.int64(&s.First)
	c.int64(&s.Last)
}

func codeSends(c *coder, s *Sends) {
	text(c, &s.Message)
	text(c, &s.Company)
	c.bool(&s.Control)
	c.uint32(&s.Count)
	c.int64(&s.Last)
	c.int64(&s.Prior)
}

func codeSent(c *coder, s *Sent) {
	text(c, &s.ID)
	c.int64(&s.At)
	text(c, &s.Message)
	text(c, &s.Company)
	text(c, &s.Channel)
	list(c, &s.Tags, text[string])
	c.uint32(&s.Sequence)
	c.bool(&s.Exempt)
	c.int64(&s.Date)
}

func codeCounter(c *coder, k *Counter) {
	text(c, &k.Def)
	c.uint64(&k.Count)
	c.int64(&k.First)
	c.int64(&k.Last)
	list(c, &k.Times, (*coder).int64)
	c.int(&k.Keep)
	c.int64(&k.Since)
}

func codeSeen(c *coder, s *Seen) {
	c.hash(&s.Hash)
	c.int64(&s.At)
}

func codeProfile(c *coder, p *Profile) {
	c.int64(&p.Created)
	list(c, &p.Attributes, codeAttribute)
	list(c, &p.Companies, text[string])
	list(c, &p.Unsubscribed, text[string])
	c.int64(&p.LastCheck)
	list(c, &p.Holds, codeHold)
	list(c, &p.Walks, codeWalk)
	list(c, &p.Goals, codeGoalMark)
	list(c, &p.Dates, codeDateMark)
	list(c, &p.Free, codeFree)
	list(c, &p.Pending, codePending)
	codeKey(c, &p.Forward)
	codeKey(c, &p.Moving)
	c.bool(&p.MoveWins)
	c.uint64(&p.Generation)
	list(c, &p.Took, codeTook)
	list(c, &p.Aliases, codeKey)
}

func codeAttribute(c *coder, a *Attribute) {
	c.name(&a.Name)
	codeValue(c, &a.Value)
}

func codeHold(c *coder, h *Hold) {
	text(c, &h.Message)
	text(c, &h.Company)
	c.int64(&h.Due)
	c.uint64(&h.Ord)
	c.bool(&h.Absence)
	text(c, &h.Same)
	c.bool(&h.HasSame)
	c.bool(&h.Keyed)
	codeLoggedEvent(c, &h.Event)
}

func codeWalk(c *coder, w *Walk) {
	text(c, &w.Series)
	text(c, &w.Block)
	c.int64(&w.Since)
	c.int64(&w.Due)
	c.bool(&w.Done)
	c.int64(&w.Entered)
}

func codeGoalMark(c *coder, g *GoalMark) {
	text(c, &g.Message)
	c.int64(&g.Until)
	c.bool(&g.Control)
	c.bool(&g.Converted)
}

func codeDateMark(c *coder, d *DateMark) {
	text(c, &d.Message)
	text(c, &d.Company)
	c.int64(&d.Value)
}

func codeFree(c *coder, f *Free) {
	text(c, &f.Message)
	c.uint32(&f.Sequence)
}

func codePending(c *coder, p *Pending) {
	c.hash(&p.Event)
	c.int64(&p.Until)
	codeDelivery(c, &p.Delivery)
}

func codeTook(c *coder, t *Took) {
	codeKey(c, &t.From)
	c.uint64(&t.Generation)
}

func codeDelivery(c *coder, d *Delivery) {
	text(c, &d.ID)
	text(c, &d.Message)
	text(c, &d.Channel)
	codeIdentity(c, &d.Contact)
	text(c, &d.CompanyID)
	c.int(&d.Sequence)
	c.time(&d.At)
	text(c, &d.Subject)
	text(c, &d.Body)
	codeTexts(c, &d.Data)
	text(c, &d.Series)
	c.int(&d.Attempt)
}

func codeIdentity(c *coder, i *Identity) {
	text(c, &i.UserID)
	text(c, &i.ID)
	text(c, &i.Email)
	text(c, &i.AnonymousID)
}

// codeTexts codes a map in the order of its keys.
func codeTexts(c *coder, m *map[string]string) {
	n := c.length(len(*m))
	if !c.reading {
		for _, k := range slices.Sorted(maps.Keys(*m)) {
			v := (*m)[k]
			text(c, &k)
			text(c, &v)
		}
		return
	}
	if n > 0 {
		*m = make(map[string]string, n)
	}
	for range n {
		var k, v string
		text(c, &k)
		text(c, &v)
		if c.err != nil {
			return
		}
		(*m)[k] = v
	}
}

func codeLoggedEvent(c *coder, e *LoggedEvent) {
	c.uint64(&e.Seq)
	c.name(&e.Name)
	c.int64(&e.At)
	c.int64(&e.Arrived)
	text(c, &e.EventID)
	text(c, &e.CompanyID)
	text(c, &e.Source)
	c.bool(&e.Import)
	optional(c, &e.Page, codePage)
	list(c, (*[]Field)(&e.Metadata), codeField)
}

func codePage(c *coder, p *Page) {
	text(c, &p.URL)
	codeValue(c, &p.Seconds)
}

func codeField(c *coder, f *Field) {
	text(c, &f.Key)
	codeValue(c, &f.Value)
}
