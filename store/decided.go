package store

// A Decided is what was decided of a message for a contact, kept because the host has asked
// for it: that it was sent, or that it was held. A hold that comes again is one with a Count.
type Decided struct {
	Occasion string // as package observe names it
	Event    string // canonical name of the event that it was about; empty: none
	Message  string
	Company  string
	Sequence uint32 // of what was sent; 0: it was held
	Reason   Reason // why it was held; empty: it was sent
	Cap      string // ID of the cap that held it
	First    int64  // Unix milliseconds of the first of them
	Last     int64  // and of the latest, which Occasion and Event are those of
	Count    uint32
	Program  uint64 // under which program; 0: under none
}

// leastDecided is the fewest bytes that one takes.
const leastDecided = 11

func codeDecided(c *coder, d *Decided) {
	c.text(&d.Occasion)
	c.text(&d.Event)
	c.text(&d.Message)
	c.text(&d.Company)
	c.uint32(&d.Sequence)
	c.text((*string)(&d.Reason))
	c.text(&d.Cap)
	c.int64(&d.First)
	took := d.Last - d.First // short, and mostly 0
	c.int64(&took)
	c.uint32(&d.Count)
	c.uint64(&d.Program)
	if c.reading {
		d.Last = d.First + took
	}
}
