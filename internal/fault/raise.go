package fault

// The public errors belong to the package that hosts import, which stands above
// this one. It says here how they are made, before any code of a host runs.
var (
	raiseList func(List) error   //nolint:gochecknoglobals // set once, the same for all engines
	raiseOne  func(*Error) error //nolint:gochecknoglobals // likewise
)

// OnRaise sets how [List.Err] and [Error.Err] make the errors that hosts get. It
// is called once, while packages are initialized.
func OnRaise(list func(List) error, one func(*Error) error) {
	raiseList, raiseOne = list, one
}

// Err returns the list as the error that a host gets, nil if nothing is wrong. In
// a program without the public errors, that is the list itself.
func (l List) Err() error {
	switch {
	case len(l) == 0:
		return nil
	case raiseList == nil:
		return l
	}
	return raiseList(l)
}

// Err returns the error that a host gets for one thing that is wrong.
func (e *Error) Err() error {
	if raiseOne == nil {
		return e
	}
	return raiseOne(e)
}
