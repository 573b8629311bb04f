package store

import "github.com/beckon-go/beckon/internal/repr"

// codeValue codes a value, whatever its kind, field for field: so a number
// comes back as it was written and a date in the form it was given. Behind the
// fields stand how many texts there are beside the first, and these texts.
func codeValue(c *coder, v *repr.Value) {
	if c.reading {
		c.readValue(v)
		return
	}
	w := *v
	texts, row := int64(0), ""
	switch v.Kind {
	case repr.KindRichLink:
		w.Exp, w.Num, w.Str = 0, 0, v.RawURL()
		texts = 1
	case repr.KindList, repr.KindInvalid:
		w.Num, w.Str = 0, ""
		texts, row = v.Num, v.Str
	}
	c.upTo((*uint8)(&w.Kind), uint8(repr.KindInvalid))
	c.uint8(&w.Flag)
	c.int32(&w.Exp)
	c.int64(&w.Num)
	c.text(&w.Str)
	c.writeUint(uint64(texts))
	if v.Kind == repr.KindRichLink {
		c.writeText(v.RawTitle())
		return
	}
	c.data = append(c.data, row...) // as writeText would
}

// readValue reads what codeValue wrote.
func (c *coder) readValue(v *repr.Value) {
	c.upTo((*uint8)(&v.Kind), uint8(repr.KindInvalid))
	c.uint8(&v.Flag)
	c.int32(&v.Exp)
	c.int64(&v.Num)
	v.Str = c.readText()
	from := c.at - len(v.Str)
	texts := c.readLength(1)
	begin, size, last := c.at, 0, ""
	for range texts {
		last = c.readText()
		size += repr.SizedLength(len(last))
	}
	if c.err != nil {
		return
	}
	switch v.Kind {
	case repr.KindRichLink:
		if texts == 1 {
			v.Exp, v.Num, v.Str = int32(len(v.Str)), int64(c.at-len(last)-from), c.body[from:c.at]
			return
		}
	case repr.KindList, repr.KindInvalid:
		if size == c.at-begin { // each length is written in one way, so that equal lists are the same row
			v.Exp, v.Num, v.Str = 0, int64(texts), c.body[begin:c.at]
			if v.Sound() {
				return
			}
		}
	default:
		if texts == 0 && v.Sound() {
			return
		}
	}
	c.fail("has a value that cannot be")
}

// skipValue reads over what codeValue wrote.
func (c *coder) skipValue() {
	for range 4 { // kind, flag, exponent, number
		c.readUint()
	}
	c.readText()
	for range c.readLength(1) {
		c.readText()
	}
}
