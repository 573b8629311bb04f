package store

// A Form has parts of the persisted form of a record as they were read: its profile, and what
// was sent. Most steps leave both as they are. So a store that reads a record, changes it and
// writes it again need not make them anew: [RecordDecoder.DecodeForm] returns the Form,
// [Form.Changed] is told of each change that is applied, and [Form.AppendRecord] copies what
// still holds.
//
// The zero Form has nothing: what it appends is made anew. A Form may be copied. Its texts are
// parts of the same string as those of the record ([DecodeRecord]), so it takes no memory of
// its own worth counting. Two goroutines may append by one Form at once, as long as no other
// calls Changed.
type Form struct {
	profile     *Profile // that profileText is the form of
	profileText string
	sendsText   string // of SendStats and SendLog; empty: they have changed
}

// Changed lets go of what c changes. It is called for all that [Record.Apply] carries out on
// the record, before or after. A record that is changed in another way needs the zero Form.
func (f *Form) Changed(c *Changes) {
	switch {
	case c.Delete, c.Clear:
		*f = Form{}
	case c.SortSendLog, len(c.SendStats)+len(c.SendLog)+len(c.SendLogDrop) > 0:
		f.sendsText = ""
	}
}

// AppendRecord is the function [AppendRecord] for the record of the Form, or a copy of it: it
// appends the same.
func (f *Form) AppendRecord(dst []byte, r *Record) []byte { return f.append(dst, nil, r) }

// AppendRecordUnder is the function [AppendRecordUnder] in the same way.
func (f *Form) AppendRecordUnder(dst []byte, key Key, r *Record) []byte {
	return f.append(dst, &key, r)
}

func (f *Form) append(dst []byte, key *Key, r *Record) []byte {
	start := len(dst)
	c := coder{data: append(dst, dataVersion), version: dataVersion, form: f}
	codeRecord(&c, r)
	return c.seal(key, start)
}

// DecodeForm is Decode, and returns the Form of the record, too. Only is not looked at: all of
// the record is read.
func (d *RecordDecoder) DecodeForm(data []byte) (*Record, Form, error) {
	return d.decodeForm(nil, data)
}

// DecodeFormUnder is DecodeUnder in the same way.
func (d *RecordDecoder) DecodeFormUnder(key Key, data []byte) (*Record, Form, error) {
	return d.decodeForm(&key, data)
}

func (d *RecordDecoder) decodeForm(key *Key, data []byte) (*Record, Form, error) {
	var f Form
	r, err := decodeRecord(key, data, coder{names: &d.names, form: &f})
	if err != nil {
		return nil, Form{}, err
	}
	return r, f, nil
}

// codeSends codes what was sent.
func codeSends(c *coder, r *Record, shown bool) {
	if !c.reading && c.form != nil && c.form.sendsText != "" {
		c.data = append(c.data, c.form.sendsText...)
		return
	}
	start := c.at
	section(c, shown, &r.SendStats, leastSendStats, codeSendStats)
	section(c, shown, &r.SendLog, leastSendLogEntry, codeSendLogEntry)
	if c.forms() {
		c.form.sendsText = c.body[start:c.at]
	}
}

// codeKeptProfile codes the profile of a record.
func codeKeptProfile(c *coder, r *Record) {
	if !c.reading && c.form != nil && c.form.profile != nil && c.form.profile == r.Profile {
		c.data = append(c.data, c.form.profileText...)
		return
	}
	start := c.at
	optional(c, &r.Profile, func(c *coder, p *Profile) { codeProfile(c, p, &r.Pending) })
	if c.forms() {
		c.form.profile, c.form.profileText = r.Profile, c.body[start:c.at]
	}
}

// forms reports whether what is read is to be kept in c.form. Older forms had other fields in
// these places.
func (c *coder) forms() bool {
	return c.reading && c.form != nil && c.version == dataVersion && c.err == nil
}
