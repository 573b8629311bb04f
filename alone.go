package beckon

// An aloneRule is a rule that belongs to no program, with the counters that
// only it may need.
type aloneRule struct {
	rule     *compiledRule
	counters []*counterDef
}

// match is the decision on one contact and one rule.
func (d *decision) match() error {
	var companies []string
	if p := d.rec.Profile; p != nil && d.in.rule.rule.usesCompany {
		companies = p.Companies
	}
	d.out.matched = len(companies) == 0 && d.eval(d.in.rule.rule)
	for _, id := range companies {
		d.scope.company = d.needCompany(id)
		d.out.matched = d.out.matched || d.eval(d.in.rule.rule)
	}
	return nil
}
