package beckonui

import (
	"context"
	"errors"
	"sync"

	"github.com/beckon-go/beckon"
)

// A Source has the text of the program that the engine runs: JSON, as
// [beckon.ParseProgram] reads it. It must be safe for concurrent use.
type Source interface {
	// Text returns the text. The caller does not change it.
	Text(ctx context.Context) ([]byte, error)
}

// A Publisher is what a [Source] may also be: then [AllowEdits] lets people publish.
type Publisher interface {
	Source
	// Publish has the engine run another text, and keeps it, if the present one still is
	// base; else it is ErrChanged, and nothing has happened. What is wrong with the text is
	// the error of [beckon.ParseProgram] or [beckon.Engine.Publish].
	Publish(ctx context.Context, base, text []byte) error
}

// ErrChanged says that somebody else has published another program meanwhile.
var ErrChanged = errors.New("beckonui: the program was changed meanwhile")

// A Program is a [Publisher] that has the text in memory. It is safe for concurrent use.
type Program struct {
	engine *beckon.Engine
	keep   func(ctx context.Context, text []byte) error

	mu   sync.Mutex
	text []byte
}

// NewProgram returns the program with a text that the engine runs already. Keep, if it is
// not nil, is called with a text that was published, one call after the other, to keep it:
// the engine does not. If it fails, the engine runs the new text, the Program has it, and
// Publish returns the error. A nil engine is taken for one that is closed, which refuses to
// publish.
func NewProgram(engine *beckon.Engine, text []byte, keep func(ctx context.Context, text []byte) error) *Program {
	if engine == nil {
		engine = new(beckon.Engine)
	}
	return &Program{engine: engine, keep: keep, text: text}
}

// Text returns the text that was published last.
func (p *Program) Text(context.Context) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text, nil
}

// Publish implements [Publisher].
func (p *Program) Publish(ctx context.Context, base, text []byte) error {
	program, err := beckon.ParseProgram(text)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if string(p.text) != string(base) {
		return ErrChanged
	}
	if err := p.engine.Publish(ctx, program); err != nil {
		return err
	}
	p.text = text
	if p.keep != nil {
		return p.keep(ctx, text)
	}
	return nil
}

// A published is a program with its text.
type published struct {
	text     string
	program  beckon.Program
	messages map[string]*place
	series   map[string]*beckon.Series
	err      error // what is wrong with the text
}

// A place is where a message stands.
type place struct {
	message *beckon.Message
	series  string // the series that it is a part of
	block   string
}

// programCache remembers the last text that was read.
type programCache struct {
	mu   sync.Mutex
	last *published
}

// program returns the program of the source; nil if there is none. What is wrong with the
// text is part of it.
func (q *request) program() (*published, error) {
	if q.source == nil {
		return nil, nil
	}
	text, err := q.source.Text(q.ctx)
	if err != nil {
		return nil, err
	}
	c := &q.texts
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil || c.last.text != string(text) {
		c.last = parsed(text)
	}
	return c.last, nil
}

func parsed(text []byte) *published {
	p := &published{text: string(text), messages: map[string]*place{}, series: map[string]*beckon.Series{}}
	if p.program, p.err = beckon.ParseProgram(text); p.err != nil {
		p.program = beckon.Program{}
		return p
	}
	for i := range p.program.Messages {
		m := &p.program.Messages[i]
		p.messages[m.ID] = &place{message: m}
	}
	for i := range p.program.Series {
		s := &p.program.Series[i]
		p.series[s.ID] = s
		for j := range s.Blocks {
			if m := s.Blocks[j].Message; m != nil {
				p.messages[m.ID] = &place{message: m, series: s.ID, block: s.Blocks[j].ID}
			}
		}
	}
	return p
}

// message returns where a message stands; nil if the program does not have it.
func (p *published) message(id string) *place {
	if p == nil {
		return nil
	}
	return p.messages[id]
}

// idsToChoose returns the first ids of messages, and of series that the text of the program
// has.
func (q *request) idsToChoose() (ids []string, err error) {
	list, err := q.engine.Messages(q.ctx, beckon.MessageFilter{Limit: pageSize})
	if err != nil {
		return nil, err
	}
	for i := range list {
		ids = append(ids, list[i].ID)
	}
	p, err := q.program()
	if p == nil || err != nil {
		return ids, err
	}
	series := p.program.Series
	for i := range min(len(series), pageSize) {
		ids = append(ids, series[i].ID)
	}
	return ids, nil
}
