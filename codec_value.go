package beckon

// codeValue codes a value, whatever its kind, field for field: so a number
// comes back as it was written and a date in the form it was given.
func codeValue(c *coder, v *Value) {
	small(c, &v.kind, int64(KindUnknown), int64(kindInvalid))
	c.uint8(&v.flag)
	c.int32(&v.exp)
	c.int64(&v.num)
	text(c, &v.str)
	list(c, &v.more, text[string])
	if c.reading && c.err == nil && !v.sound() {
		c.fail("has a value that cannot be")
	}
}
