package store

// What few contacts have: each has a bit in the number that says which of them are there.
// The bits are a part of the form.
const (
	rareSnooze = 1 << iota
	rareArmed
	rareCrossings
	rarePerValue
	rareChoices
	rareDecided
	rareEnd // no bit from here on is known
)

// codeMoveWins codes what has stood among the fields of each profile from version 1 on.
func codeMoveWins(c *coder, p *Profile) {
	wins := p.Rarely().MoveWins
	c.bool(&wins)
	if c.reading && wins {
		p.Own().MoveWins = true
	}
}

// codeRare codes what few contacts have. One that has nothing of it takes a byte.
func codeRare(c *coder, p *Profile) {
	var there uint64
	if !c.reading {
		there = rareOf(p)
	}
	c.uint64(&there)
	if there >= rareEnd {
		c.fail("has what no profile has")
		return
	}
	if there&rareSnooze != 0 {
		c.int64(&p.Own().SnoozedUntil)
	}
	if there&rareArmed != 0 {
		list(c, &p.Own().Armed, leastArmedDate, codeArmedDate)
	}
	if there&rareCrossings != 0 {
		list(c, &p.Own().Crossings, 2, func(c *coder, x *Crossing) {
			c.text(&x.Message)
			c.bool(&x.Matched)
		})
	}
	if there&rarePerValue != 0 {
		list(c, &p.Own().PerValue, leastMessageValues, codeMessageValues)
	}
	if there&rareChoices != 0 {
		list(c, &p.Own().Choices, leastChoice, codeChoice)
	}
	if there&rareDecided != 0 {
		list(c, &p.Own().Decided, leastDecided, codeDecided)
	}
	if c.reading && there != 0 && rareOf(p) != there {
		c.fail("has nothing where it says that there is something") // two forms of one profile
	}
}

func codeArmedDate(c *coder, a *ArmedDate) {
	c.text(&a.Message)
	c.int64(&a.Due)
	c.int64(&a.Held)
}

// rareOf returns which of them a profile has.
func rareOf(p *Profile) (there uint64) {
	r := p.Rarely()
	if r.SnoozedUntil != 0 {
		there |= rareSnooze
	}
	if len(r.Armed) > 0 {
		there |= rareArmed
	}
	if len(r.Crossings) > 0 {
		there |= rareCrossings
	}
	if len(p.Rarely().PerValue) > 0 {
		there |= rarePerValue
	}
	if len(r.Choices) > 0 {
		there |= rareChoices
	}
	if len(r.Decided) > 0 {
		there |= rareDecided
	}
	return there
}

func codeChoice(c *coder, x *Choice) {
	c.text(&x.Of)
	c.bool(&x.Yes)
	c.int64(&x.At)
	c.text(&x.From)
}
