package beckon

// codeValue codes a value, whatever its kind, field for field: so a number
// comes back as it was written and a date in the form it was given. Behind the
// fields stand how many texts there are beside the first, and these texts.
func codeValue(c *coder, v *Value) {
	if c.reading {
		c.readValue(v)
		return
	}
	w := *v
	texts, row := int64(0), ""
	switch v.kind {
	case KindRichLink:
		w.exp, w.num, w.str = 0, 0, v.url()
		texts = 1
	case KindList, kindInvalid:
		w.num, w.str = 0, ""
		texts, row = v.num, v.str
	}
	c.upTo((*uint8)(&w.kind), uint8(kindInvalid))
	c.uint8(&w.flag)
	c.int32(&w.exp)
	c.int64(&w.num)
	c.text(&w.str)
	c.writeUint(uint64(texts))
	if v.kind == KindRichLink {
		c.writeText(v.title())
		return
	}
	c.data = append(c.data, row...) // as writeText would
}

// readValue reads what codeValue wrote.
func (c *coder) readValue(v *Value) {
	c.upTo((*uint8)(&v.kind), uint8(kindInvalid))
	c.uint8(&v.flag)
	c.int32(&v.exp)
	c.int64(&v.num)
	v.str = c.readText()
	from := c.at - len(v.str)
	texts := c.readLength(1)
	begin, size, last := c.at, 0, ""
	for range texts {
		last = c.readText()
		size += sizedLength(len(last))
	}
	if c.err != nil {
		return
	}
	switch v.kind {
	case KindRichLink:
		if texts == 1 {
			v.exp, v.num, v.str = int32(len(v.str)), int64(c.at-len(last)-from), c.body[from:c.at]
			return
		}
	case KindList, kindInvalid:
		if size == c.at-begin { // each length is written in one way, so that equal lists are the same row
			v.exp, v.num, v.str = 0, int64(texts), c.body[begin:c.at]
			if v.sound() {
				return
			}
		}
	default:
		if texts == 0 && v.sound() {
			return
		}
	}
	c.fail("has a value that cannot be")
}
