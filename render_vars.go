package beckon

func (v *Vars) lookup(ns namespace, key string, into *Value) *Value {
	switch ns {
	case nsCompany:
		*into = v.Company[key]
	case nsEvent:
		value := v.Event.find(key)
		switch {
		case value == nil:
			*into = Value{}
		case value.kind == KindString && !mayBeTyped(key, value.str):
			return value
		default:
			*into = typed(key, *value)
		}
	default:
		*into = v.User[key]
	}
	return into
}
