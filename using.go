package beckon

// Using returns a view of the engine over another store: the same program,
// clock and options, the same pauses and stops, closed when the engine is. It is
// for a store that joins what the engine has in its own store with something
// else, as a transaction of the host's does:
//
//	res, err := engine.Using(sqlstore.Tx(tx)).Track(ctx, event)
//
// What is decided through the view is committed and rolled back with that
// transaction: deliver it after the commit, not before. The outbox makes that
// safe (see [WithOutbox]). For other data make another engine: pauses and what
// is known of event names belong to the data.
//
// A view is cheap, made for one transaction and left to the garbage
// collector. It is as safe for concurrent use as its store, and may be had of
// a view too. What concerns the engine itself is refused through a view, with
// the code engine_view, and does nothing: Publish, Refresh, Pause, Resume,
// Stop, Archive, Unarchive and Close. Due leaves out the same: it does not
// refresh, and drops no visitors. With a nil store every call is refused, with
// the code closed.
func (e *Engine) Using(store Store) *Engine {
	return &Engine{store: store, isView: true, shared: e.shared}
}

// itself reports whether the engine takes a call that no view may take.
func (e *Engine) itself() error {
	if err := e.open(); err != nil {
		return err
	}
	if e.isView {
		return ErrorList{{Code: ErrEngineView, Message: "the call concerns the engine itself; this is a view of it over another store"}}
	}
	return nil
}
