package replay

type given struct{}

func (p *play) give(*given) error { return nil }
