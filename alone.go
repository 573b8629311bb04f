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
	if p := d.rec.Profile; p != nil && d.rule.rule.usesCompany {
		companies = p.Companies
	}
	d.matched = len(companies) == 0 && d.eval(d.rule.rule)
	for _, id := range companies {
		d.scope.company = d.needCompany(id)
		d.matched = d.matched || d.eval(d.rule.rule)
	}
	return nil
}
