package beckon

// codeValue codes a value, whatever its kind, field for field: so a number
// comes back as it was written and a date in the form it was given.
func codeValue(c *coder, v *Value) {
	c.upTo((*uint8)(&v.kind), uint8(kindInvalid))
	c.uint8(&v.flag)
	c.int32(&v.exp)
	c.int64(&v.num)
	c.text(&v.str)
	list(c, &v.more, 1, (*coder).text)
	if c.reading && c.err == nil && !v.sound() {
		c.fail("has a value that cannot be")
	}
}
