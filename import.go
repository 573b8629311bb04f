package beckon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/attribute"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/lines"
	"github.com/beckon-go/beckon/store"
)

// An ImportItem is a contact or an event. One with neither is passed over.
type ImportItem struct {
	Contact *Contact // as [Engine.Update] takes it
	Event   *Event   // as [Engine.Track] takes history, whatever its Import says
}

// An ImportFault is an item that was not taken.
type ImportFault struct {
	Item int64 // its number, from 1; of [ImportLines] the line
	Err  error // an [ErrorList], or a [StoreError] about its records alone
}

// Import takes contacts and history in bulk, and only records: no message, walk
// or goal is judged before a contact's next occasion. Else it is as Update and
// Track one by one, in order for each identity, committed in batches. Nil items are none. It yields
// what it cannot take, such as an [ErrorList] in place of an item, and goes on.
// Any other error ends it, yielded last; a repeat is safe. Of options
// [OnProgress] and [ResumeAt] count: they speak of items. (C1, E5)
func (e *Engine) Import(ctx context.Context, items iter.Seq2[ImportItem, error], opts ...RunOption) iter.Seq2[ImportFault, error] {
	return stream(func(yield func(ImportFault, error) bool) error {
		if err := e.open(); err != nil {
			return err
		}
		im := &importing{Engine: e, run: e.newRun(ctx, opts...), yield: yield}
		if e.overlaps() {
			im.ahead = importAhead
		}
		if err := im.begin(); err != nil {
			return err
		}
		im.open = im.newBatch()
		defer im.end()
		if items == nil {
			items = func(func(ImportItem, error) bool) {}
		}
		for it, err := range items {
			if err := im.take(ctx, it, err); err != nil {
				return err
			}
		}
		if err := im.flushAll(ctx); err != nil {
			return err
		}
		if im.run.progress != nil {
			im.run.progress(Progress{Done: im.run.done})
		}
		return nil
	})
}

// An importing is one Import under way.
type importing struct {
	*Engine
	run   *run
	yield func(ImportFault, error) bool

	n, from int64 // items so far, and how many of them another import has done
	open    *importedBatch
	ahead   int              // batches that may be under way at once; 0: each is committed before the next is read
	flying  []*importedBatch // those that are, in their order
	spare   []*importedBatch
}

// An imported is what an item is about.
type imported struct {
	number    int64
	event     string       // its name as it was written; empty for a contact
	companies []store.Step // what is to be set of them
}

// begin finds where the import begins.
func (im *importing) begin() (err error) {
	if im.run.after == "" {
		return nil
	}
	if im.from, err = strconv.ParseInt(string(im.run.after), 10, 64); err != nil || im.from < 0 {
		return ErrorList{{Code: store.ErrQueryInvalid, Field: "cursor", Message: "the cursor is not that of an import"}}
	}
	return nil
}

// take takes in an item, or what stands in its place.
func (im *importing) take(ctx context.Context, it ImportItem, err error) error {
	switch {
	case err != nil && !ofItem(err):
		return cmp.Or(im.flushAll(ctx), err)
	case im.n < im.from:
		im.n++
		return nil
	case err == nil:
		err = im.add(ctx, it)
	}
	im.n++
	b := im.open
	b.taken++
	if err != nil {
		if !ofItem(err) {
			return err
		}
		b.faults = append(b.faults, ImportFault{Item: im.n, Err: err})
	}
	if b.taken < importBatch {
		return nil
	}
	return im.flush(ctx)
}

// ofItem reports whether an error concerns but one item.
func ofItem(err error) bool {
	var list ErrorList
	var damaged *DamagedError
	return errors.As(err, &list) || errors.As(err, &damaged)
}

// add checks an item, and has it wait for the others of its batch.
func (im *importing) add(ctx context.Context, it ImportItem) error {
	switch {
	case it.Contact != nil && it.Event != nil:
		return ErrorList{{Code: ErrTypeInvalid, Message: "an item is a contact or an event, and not both"}}
	case it.Contact != nil:
		return im.addContact(ctx, it.Contact)
	case it.Event != nil:
		return im.addEvent(ctx, it.Event)
	}
	return nil
}

func (im *importing) addContact(ctx context.Context, c *Contact) error {
	u, errs := checkContact(c, attribute.Checker{Zones: im.zones, Loc: im.states.Load().Plan.Loc}, true)
	if err := raise(errs); err != nil {
		return err
	}
	key, err := im.find(ctx, c.identity(), im.reach)
	if err != nil {
		return err
	}
	about := imported{number: im.n + 1}
	for i := range c.Companies {
		if m := &c.Companies[i]; !m.onlyLeaves() {
			about.companies = append(about.companies, store.Step{Key: store.Key{Kind: store.KindCompany, ID: m.CompanyID}, Decider: im.companyUpdate(m)})
		}
	}
	im.open.readdressed = im.open.readdressed || slices.ContainsFunc(u.Set, func(a store.Attribute) bool { return a.Name.Value() == "email" })
	d := im.newDecision(decide.OnUpdate, im.clock())
	d.In.Update, d.In.Email = u, c.Email
	im.push(key, d, about)
	return nil
}

func (im *importing) addEvent(ctx context.Context, ev *Event) error {
	var form event.Event
	ev.lower(&form)
	form.Import = true
	d := im.newDecision(decide.OnTrack, im.clock())
	_, err := im.admit(d, &form, event.Options{})
	if err != nil || d.In.State.Archived[d.In.Name] {
		im.putDecision(d)
		return err
	}
	d.In.Email = form.Email
	key, err := im.find(ctx, form.Identity(), im.resolve)
	if err != nil {
		im.putDecision(d)
		return err
	}
	im.push(key, d, imported{number: im.n + 1, event: form.Name})
	return nil
}

// find returns the record of an identity. Whom an address means may depend on items that
// wait: those are committed first.
func (im *importing) find(ctx context.Context, who Identity, look func(context.Context, Identity) (store.Key, error)) (store.Key, error) {
	key, ok := identity.KeyOf(who)
	if !ok || key.Kind != store.KindEmail {
		return look(ctx, who)
	}
	address := store.FoldEmail(key.ID)
	if im.named(address) {
		if err := im.flushAll(ctx); err != nil {
			return store.Key{}, err
		}
	}
	if im.open.emails == nil {
		im.open.emails = make(map[string]struct{})
	}
	im.open.emails[address] = struct{}{}
	return look(ctx, who)
}

// named reports whether whom an address means depends on items that wait.
func (im *importing) named(address string) bool {
	names := func(b *importedBatch) bool {
		_, named := b.emails[address]
		return named || b.readdressed
	}
	return names(im.open) || slices.ContainsFunc(im.flying, names)
}

// push has a decision wait. One on a record that another waits for comes after it.
func (im *importing) push(key store.Key, d *decide.Decision, about imported) {
	b := im.open
	d.In.Records = true
	b.items = b.items[:len(b.items)+1]
	it := &b.items[len(b.items)-1]
	it.Key, it.Decision, it.Err, it.Before, it.Open = key, d, nil, b.last[key], false
	b.last[key] = it
	b.about = append(b.about, about)
}

// ImportLines reads JSON lines, once: contacts as [ParseContact] reads them, and
// events, which have an event_name, as [ParseEvent] does. An empty line is a
// zero item, one over [MaxContactBytes] body_too_large. An error of r ends it.
func ImportLines(r io.Reader) iter.Seq2[ImportItem, error] {
	if r == nil {
		r = strings.NewReader("")
	}
	in, n := lines.New(r, MaxContactBytes), 0
	return func(yield func(ImportItem, error) bool) {
		for {
			n++
			text, err := in.Next()
			var it ImportItem
			switch {
			case err == nil:
				it, err = parseImport(string(text))
			case errors.Is(err, lines.ErrTooLong):
				err = ErrorList{{Code: ErrBodyTooLarge, Message: "the line has more than " + itoa(MaxContactBytes) + " bytes"}}
			case err == io.EOF: //nolint:errorlint // one that is wrapped is another's
				return
			default:
				yield(it, fmt.Errorf("beckon: line %d cannot be read: %w", n, err))
				return
			}
			if !yield(it, err) {
				return
			}
		}
	}
}

// parseImport reads one line. What is wrong with an event is told by Import, together
// with all that only an engine can see.
func parseImport(line string) (ImportItem, error) {
	switch {
	case strings.Trim(line, " \t\r") == "":
		return ImportItem{}, nil
	case event.HasName(line):
		var d event.Decoder
		d.DecodeString(line)
		ev := raisedEvent(&d.Event)
		return ImportItem{Event: &ev}, nil
	}
	c, err := ParseContact([]byte(line))
	if err != nil {
		return ImportItem{}, err
	}
	return ImportItem{Contact: &c}, nil
}
