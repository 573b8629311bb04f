package programfile

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

// A joined is one document made of several, which knows where each part of it came from.
type joined struct {
	files  []file
	nodes  []ojson.Node
	parts  map[string]*part // by member
	order  []string
	places map[string]place // of what is below a member, by its path in the document
	faults Faults
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

// join joins the documents of files.
func join(files []file) *joined {
	j := &joined{files: files, parts: map[string]*part{}, places: map[string]place{}}
	kinds := members()
	for _, f := range files {
		n, err := ojson.ParseString(string(f.data), ojson.Limits{Bytes: beckon.MaxProgramBytes, Depth: beckon.MaxProgramDepth, Nodes: 2 << 20})
		var broken *ojson.Error
		switch {
		case errors.As(err, &broken):
			j.note(&Fault{File: f.name, Line: broken.Line, Column: broken.Column, Err: invalid("", broken.Message)})
		case err != nil:
			j.note(&Fault{File: f.name, Err: invalid("", err.Error())})
		case n.Kind != ojson.Object:
			line, column := ojson.Place(string(f.data), n.Offset)
			j.note(&Fault{File: f.name, Line: line, Column: column, Err: invalid("", "a program is an object, this is "+n.Kind.String())})
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
func (j *joined) add(i int, kinds map[string]reflect.Kind) {
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
			j.note(j.at(place{i, at}, invalid(at, "stands in "+j.files[j.places[at].file].name+", too: a program has one")))
		case p.kind == reflect.Slice && m.Value.Kind == ojson.Array:
			for x := range m.Value.Items {
				j.item(p, at+"["+strconv.Itoa(p.n)+"]", place{i, at + "[" + strconv.Itoa(x) + "]"}, "", m.Value.Items[x].Offset)
			}
		case p.kind == reflect.Map && m.Value.Kind == ojson.Object:
			for x := range m.Value.Members {
				v := &m.Value.Members[x]
				path := fault.JoinPath(at, v.Name)
				if before, twice := j.places[path]; twice && before.file != i {
					j.note(j.at(place{i, path}, invalid(path, "stands in "+j.files[before.file].name+", too")))
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
func (j *joined) item(p *part, path string, from place, name string, offset int) {
	j.places[path] = from
	if p.n++; p.n > 1 {
		p.text.WriteByte(',')
	}
	p.text.WriteString(name)
	p.text.Write(j.raw(from.file, offset))
}

// raw returns the JSON of a value that begins at an offset.
func (j *joined) raw(i, offset int) []byte {
	var raw json.RawMessage
	// It was read before, so it is JSON.
	if json.NewDecoder(bytes.NewReader(j.files[i].data[offset:])).Decode(&raw) != nil {
		return []byte("null")
	}
	return raw
}

// findTwins finds ids that two files have. What one file has twice is found when it is
// published.
func (j *joined) findTwins() {
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
			e := invalid(path+".id", fault.Quote(got.Text)+" stands in "+j.files[before].name+", too")
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

// program reads the document.
func (j *joined) program() (beckon.Program, error) {
	if len(j.faults) > 0 {
		return beckon.Program{}, j.faults
	}
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
	p, err := beckon.ParseProgram(b.Bytes())
	return p, j.placed(err)
}

// placed says of the faults of a program where in the files they are. It returns any other
// error as it is.
func (j *joined) placed(err error) error {
	var list beckon.ErrorList
	if !errors.As(err, &list) {
		return err
	}
	out := make(Faults, len(list))
	for i, e := range list {
		out[i] = &Fault{Err: e}
		if at, ok := j.find(e.Path); ok {
			own := *e
			own.Path = at.path
			out[i] = j.at(at, &own)
		}
	}
	return out
}

// find returns the place in a file of a path in the document.
func (j *joined) find(path string) (place, bool) {
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
func (j *joined) at(at place, e *beckon.Error) *Fault {
	f := j.files[at.file]
	line, column := ojson.Place(string(f.data), document.Offset(&j.nodes[at.file], at.path))
	return &Fault{File: f.name, Line: line, Column: column, Err: e}
}

// note adds a fault, unless there are as many as anybody reads.
func (j *joined) note(f *Fault) {
	if len(j.faults) < beckon.MaxFaults {
		j.faults = append(j.faults, f)
	}
}

func invalid(path, message string) *beckon.Error {
	return &beckon.Error{Code: beckon.ErrProgramInvalid, Path: path, Message: message}
}
