// Package together makes one program of several documents, as files have them, and knows where
// each part of it came from. Lists and maps are joined item by item, in the order of the
// documents; what a program has one of stands in one of them.
package together

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/document"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// A File is one document.
type File struct {
	Name string
	Data []byte
}

// A Fault is what is wrong in a document, or, if File is empty, with no one of them. Line and
// Column are where, from 1; zero if that is not known. The path of the error is the one in
// the document.
type Fault struct {
	File         string
	Line, Column int
	Err          *beckon.Error
}

// String returns file, line and column, and what is wrong.
func (f Fault) String() string {
	switch {
	case f.File == "":
		return f.Err.Error()
	case f.Line == 0:
		return f.File + ": " + f.Err.Error()
	}
	return f.File + ":" + strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column) + ": " + f.Err.Error()
}

// A Program is one document made of several, which knows where each part of it came from.
type Program struct {
	files  []File
	nodes  []ojson.Node
	parts  map[string]*part // by member
	order  []string
	places map[string]place // of what is below a member, by its path in the document
	faults []Fault
}

// A part is what becomes of one member of a program.
type part struct {
	kind  reflect.Kind // a list, a map, or anything else
	text  bytes.Buffer // its JSON, without the brackets of a list or a map
	n     int          // how many items it has
	whole bool         // text is a value of any kind
}

// A place is a path in one of the files.
type place struct {
	file int
	path string
}

// members returns the members of a program, and what each is: a list and a map are joined
// item by item.
func members() map[string]reflect.Kind {
	out := map[string]reflect.Kind{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[beckon.Program]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		out[name] = f.Type.Kind()
	}
	return out
}

// Join joins the documents of files.
func Join(files []File) *Program {
	j := &Program{files: files, parts: map[string]*part{}, places: map[string]place{}}
	kinds := members()
	for _, f := range files {
		n, err := ojson.ParseString(string(f.Data), ojson.Limits{Bytes: beckon.MaxProgramBytes, Depth: beckon.MaxProgramDepth, Nodes: 2 << 20})
		var broken *ojson.Error
		switch {
		case errors.As(err, &broken):
			j.note(Fault{File: f.Name, Line: broken.Line, Column: broken.Column, Err: invalid("", broken.Message)})
		case err != nil:
			j.note(Fault{File: f.Name, Err: invalid("", err.Error())})
		case n.Kind != ojson.Object:
			line, column := ojson.Place(string(f.Data), n.Offset)
			j.note(Fault{File: f.Name, Line: line, Column: column, Err: invalid("", "a program is an object, this is "+n.Kind.String())})
		}
		j.nodes = append(j.nodes, n)
	}
	if len(j.faults) > 0 {
		return j
	}
	for i := range files {
		j.add(i, kinds)
	}
	j.findTwins()
	return j
}

// add joins one document to what there is.
func (j *Program) add(i int, kinds map[string]reflect.Kind) {
	n := &j.nodes[i]
	seen := map[string]bool{}
	for k := range n.Members {
		m := &n.Members[k]
		at := fault.JoinPath("", m.Name)
		if seen[m.Name] {
			j.note(j.at(place{i, at}, invalid(at, "given twice")))
			continue
		}
		seen[m.Name] = true
		kind, known := kinds[m.Name]
		p := j.parts[m.Name]
		if p == nil {
			p = &part{kind: kind}
			j.parts[m.Name] = p
			j.order = append(j.order, m.Name)
		}
		switch {
		case p.whole && (!known || kind == reflect.Slice || kind == reflect.Map): // what is wrong with it is told once
		case p.whole:
			j.note(j.at(place{i, at}, invalid(at, "stands in "+j.files[j.places[at].file].Name+", too: a program has one")))
		case p.kind == reflect.Slice && m.Value.Kind == ojson.Array:
			for x := range m.Value.Items {
				j.item(p, at+"["+strconv.Itoa(p.n)+"]", place{i, at + "[" + strconv.Itoa(x) + "]"}, "", m.Value.Items[x].Offset)
			}
		case p.kind == reflect.Map && m.Value.Kind == ojson.Object:
			for x := range m.Value.Members {
				v := &m.Value.Members[x]
				path := fault.JoinPath(at, v.Name)
				if before, twice := j.places[path]; twice && before.file != i {
					j.note(j.at(place{i, path}, invalid(path, "stands in "+j.files[before.file].Name+", too")))
					continue
				}
				name, _ := json.Marshal(v.Name) //nolint:errchkjson // a text
				j.item(p, path, place{i, path}, string(name)+":", v.Value.Offset)
			}
		default: // there is one of it, or it is wrong
			p.whole = true
			p.text.Reset()
			p.text.Write(j.raw(i, m.Value.Offset))
			j.places[at] = place{i, at}
		}
	}
}

// item adds an item to a list, or a member to a map.
func (j *Program) item(p *part, path string, from place, name string, offset int) {
	j.places[path] = from
	if p.n++; p.n > 1 {
		p.text.WriteByte(',')
	}
	p.text.WriteString(name)
	p.text.Write(j.raw(from.file, offset))
}

// raw returns the JSON of a value that begins at an offset.
func (j *Program) raw(i, offset int) []byte {
	var raw json.RawMessage
	// It was read before, so it is JSON.
	if json.NewDecoder(bytes.NewReader(j.files[i].Data[offset:])).Decode(&raw) != nil {
		return []byte("null")
	}
	return raw
}

// findTwins finds ids that two files have. What one file has twice is found when it is
// published.
func (j *Program) findTwins() {
	type id struct{ of, id string }
	first := map[id]int{}
	see := func(i int, of, path string, n *ojson.Node) {
		got := n.Get("id")
		if got == nil || got.Kind != ojson.String {
			return
		}
		key := id{of, got.Text}
		if before, twice := first[key]; !twice {
			first[key] = i
		} else if before != i {
			e := invalid(path+".id", fault.Quote(got.Text)+" stands in "+j.files[before].Name+", too")
			e.ID = got.Text
			j.note(j.at(place{i, e.Path}, e))
		}
	}
	for i := range j.nodes {
		for k := range j.nodes[i].Members {
			m := &j.nodes[i].Members[k]
			for x := range m.Value.Items {
				path := m.Name + "[" + strconv.Itoa(x) + "]"
				see(i, m.Name, path, &m.Value.Items[x])
				blocks := m.Value.Items[x].Get("blocks")
				if m.Name != "series" || blocks == nil {
					continue
				}
				for y := range blocks.Items {
					if message := blocks.Items[y].Get("message"); message != nil { // they share their ids with all messages
						see(i, "messages", path+".blocks["+strconv.Itoa(y)+"].message", message)
					}
				}
			}
		}
	}
}

// Faults are what is wrong with the form of the documents, [beckon.MaxFaults] at most. If there
// are any, the text is that of no program.
func (j *Program) Faults() []Fault { return j.faults }

// Text returns the document.
func (j *Program) Text() []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, name := range j.order {
		if i > 0 {
			b.WriteByte(',')
		}
		key, _ := json.Marshal(name) //nolint:errchkjson // a text
		b.Write(key)
		b.WriteByte(':')
		p := j.parts[name]
		switch text := p.text.Bytes(); {
		case p.whole:
			b.Write(text)
		case p.kind == reflect.Map:
			b.WriteString("{" + string(text) + "}")
		default:
			b.WriteString("[" + string(text) + "]")
		}
	}
	b.WriteByte('}')
	return b.Bytes()
}

// Placed says where in the files an error of the document is.
func (j *Program) Placed(e *beckon.Error) Fault {
	at, ok := j.find(e.Path)
	if !ok {
		return Fault{Err: e}
	}
	own := *e
	own.Path = at.path
	return j.at(at, &own)
}

// Find returns in which of the files a path of the document is, by its number, and the path in
// that file.
func (j *Program) Find(path string) (file int, own string, ok bool) {
	at, ok := j.find(path)
	return at.file, at.path, ok
}

// Node returns the document of a file, by its number.
func (j *Program) Node(file int) *ojson.Node { return &j.nodes[file] }

// find returns the place in a file of a path in the document.
func (j *Program) find(path string) (place, bool) {
	for i := len(path); i > 0; i-- {
		if i < len(path) && path[i] != '.' && path[i] != '[' {
			continue
		}
		if at, ok := j.places[path[:i]]; ok {
			return place{at.file, at.path + path[i:]}, true
		}
	}
	return place{}, false
}

// at makes a fault of what is wrong at a place.
func (j *Program) at(at place, e *beckon.Error) Fault {
	f := j.files[at.file]
	line, column := ojson.Place(string(f.Data), document.Offset(&j.nodes[at.file], at.path))
	return Fault{File: f.Name, Line: line, Column: column, Err: e}
}

// note adds a fault, unless there are as many as anybody reads.
func (j *Program) note(f Fault) {
	if len(j.faults) < beckon.MaxFaults {
		j.faults = append(j.faults, f)
	}
}

func invalid(path, message string) *beckon.Error {
	return &beckon.Error{Code: beckon.ErrProgramInvalid, Path: path, Message: message}
}
