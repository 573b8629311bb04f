package programfile_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/programfile"
)

// A broken is a file system in which some names fail.
type broken struct {
	fstest.MapFS
	list, stat, open string // the names it fails at
}

func (b broken) fail(op, name, at string) error {
	if name != at {
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: fs.ErrPermission}
}

func (b broken) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := b.MapFS.ReadDir(name)
	return list, errors.Join(err, b.fail("readdir", name, b.list)) // with what it read until then
}

func (b broken) Stat(name string) (fs.FileInfo, error) {
	if err := b.fail("stat", name, b.stat); err != nil {
		return nil, err
	}
	return b.MapFS.Stat(name)
}

func (b broken) Open(name string) (fs.File, error) {
	if err := b.fail("open", name, b.open); err != nil {
		return nil, err
	}
	return b.MapFS.Open(name)
}

// What cannot be read is an error, and no smaller program.
func TestLoadTellsWhatFails(t *testing.T) {
	fsys := in(map[string]string{"a/x/a.json": `{"messages": [{"id": "a"}]}`, "b/x/b.json": `{"messages": [{"id": "b"}]}`, "b/y/c.json": "{}", "c/x": "{}", "readme.txt": "no folder"})
	fsys["l/link"] = &fstest.MapFile{Data: []byte("gone"), Mode: fs.ModeSymlink}
	fsys["dir/x.json"] = &fstest.MapFile{Mode: fs.ModeDir}
	fsys["p/pipe.json"] = &fstest.MapFile{Mode: fs.ModeNamedPipe}
	fsys["p/device.json"] = &fstest.MapFile{Mode: fs.ModeDevice}
	fsys["s/socket.json"] = &fstest.MapFile{Mode: fs.ModeSocket}
	fsys["k/k.json"] = &fstest.MapFile{Data: []byte("../s/socket.json"), Mode: fs.ModeSymlink}
	for name, c := range map[string]struct {
		pattern          string
		list, stat, open string
		want             string // empty: two messages
	}{
		"all is well":                    {pattern: "[ab]/x/*.json"},
		"what is missing is passed over": {pattern: "*/x/*.json"},
		"no such file is passed over":    {pattern: "[abc]/x/[ab].json"},
		"a link in a folder's place":     {pattern: "*/*/b.json", want: "l/link: file does not exist"},
		"the root":                       {pattern: "[ab]/x/*.json", list: ".", want: "readdir .: permission denied"},
		"a folder":                       {pattern: "[ab]/x/*.json", list: "b/x", want: "readdir b/x: permission denied"},
		"a folder that is not asked":     {pattern: "[ab]/x/*.json", list: "b"},
		"a folder's look":                {pattern: "[ab]/x/*.json", stat: "b/x", want: "stat b/x: permission denied"},
		"a file's look":                  {pattern: "[ab]/x/*.json", stat: "b/x/b.json", want: "stat b/x/b.json: permission denied"},
		"a file":                         {pattern: "[ab]/x/*.json", open: "b/x/b.json", want: "open b/x/b.json: permission denied"},
		"a file by its name":             {pattern: "b/x/b.json", stat: "b/x/b.json", want: "stat b/x/b.json: permission denied"},
		"a folder by its name":           {pattern: "b/x/b.json", stat: "b", want: "stat b: permission denied"},
		"no folder of that name":         {pattern: "z/*.json", want: `no file matches "z/*.json"`},
		"a file where a folder is":       {pattern: "readme.txt/*.json", want: `no file matches "readme.txt/*.json"`},
		"a link that leads nowhere":      {pattern: "l/*", want: "l/link: file does not exist"},
		"a folder link to nowhere":       {pattern: "l/*/x.json", want: "l/link: file does not exist"},
		"a folder that matches":          {pattern: "dir/*.json", want: `no file matches "dir/*.json"`},
		"a pipe":                         {pattern: "p/pipe.json", want: "p/pipe.json is not a regular file"},
		"a device among others":          {pattern: "p/*.json", want: "p/device.json is not a regular file"},
		"a socket":                       {pattern: "*/socket.json", want: "s/socket.json is not a regular file"},
		"a link to a socket":             {pattern: "k/*.json", want: "k/k.json is not a regular file"},
		"a bad pattern below":            {pattern: "z/[", want: "syntax error in pattern"},
		"a class with a slash":           {pattern: "z/[a/b]", want: "syntax error in pattern"},
		"a name that no file can have":   {pattern: "../*.json", want: `no file matches "../*.json"`},
		"a pattern from the root":        {pattern: "/a/*/*.json", want: `no file matches "/a/*/*.json"`},
		"a pattern with a dot":           {pattern: "./[ab]/x/*.json"},
		"a pattern with a backslash":     {pattern: `[ab]/\x/*.json`},
		"nothing":                        {pattern: "", want: `no file matches ""`},
		"a folder by its name, at last":  {pattern: "b/x", want: `no file matches "b/x"`},
	} {
		p, err := programfile.Load(broken{fsys, c.list, c.stat, c.open}, c.pattern)
		switch {
		case c.want == "" && (err != nil || len(p.Messages) != 2):
			t.Errorf("%s: %d messages, %v", name, len(p.Messages), err)
		case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), "programfile: ") || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// A vast is a file system whose files have sizes and content that nobody stores.
type vast struct {
	fstest.MapFS
	says, has map[string]int64 // sizes; the content of has is spaces
	read      int64
}

func (v *vast) Stat(name string) (fs.FileInfo, error) {
	info, err := v.MapFS.Stat(name)
	if n, ok := v.says[path.Base(name)]; ok && err == nil {
		return sized{info, n}, nil
	}
	return info, err
}

func (v *vast) Open(name string) (fs.File, error) {
	f, err := v.MapFS.Open(name)
	if n, ok := v.has[name]; ok && err == nil {
		return &spaces{f, n, v}, nil
	}
	return f, err
}

type sized struct {
	fs.FileInfo
	size int64
}

func (s sized) Size() int64 { return s.size }

type spaces struct {
	fs.File
	left int64
	v    *vast
}

func (s *spaces) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), s.left)
	for i := range p[:n] {
		p[i] = ' '
	}
	s.left -= n
	s.v.read += n
	return int(n), nil
}

// No more is read than a program may have, whatever a file says of itself.
func TestLoadBoundsBytes(t *testing.T) {
	const limit = beckon.MaxProgramBytes
	large := "the body has more than 16777216 bytes (program_invalid)"
	for name, c := range map[string]struct {
		says, has map[string]int64
		want      string
		read      int64
	}{
		"a file says so":         {says: map[string]int64{"a.json": limit + 1}, has: map[string]int64{"a.json": 1 << 26}, want: "a.json: " + large},
		"each says so":           {says: map[string]int64{"a.json": 1 << 62, "b.json": 1<<63 - 1}, want: "a.json: " + large + "\nb.json: " + large},
		"together they say so":   {says: map[string]int64{"a.json": limit / 2, "b.json": limit/2 + 1}, has: map[string]int64{"a.json": 1 << 26}, want: large},
		"a file does not say so": {has: map[string]int64{"a.json": 1 << 26}, want: "a.json: " + large, read: limit + 1},
		"the second does not":    {has: map[string]int64{"a.json": 3, "b.json": 1 << 26}, want: large, read: limit + 1},
		"sizes below nothing":    {says: map[string]int64{"a.json": -5, "b.json": limit + 1}, want: "b.json: " + large},
		"a file shrank":          {says: map[string]int64{"a.json": limit - 2}, want: ""},
		"just enough":            {has: map[string]int64{"a.json": limit - 2}, want: "a.json:", read: limit - 2}, // nothing but spaces
	} {
		v := &vast{MapFS: in(map[string]string{"a.json": "{}", "b.json": "{}"}), says: c.says, has: c.has}
		_, err := programfile.Load(v, "*.json")
		var faults programfile.Faults
		switch {
		case c.want == "" && err != nil, c.want != "" && !errors.As(err, &faults):
			t.Errorf("%s: %v", name, err)
		case c.want != "" && err.Error() != c.want && !(c.want == "a.json:" && !strings.Contains(err.Error(), large)):
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if v.read != c.read {
			t.Errorf("%s: read %d bytes, want %d", name, v.read, c.read)
		}
	}
}

// A link that is turned to another file of the same size and time is noticed, and so is
// one of a directory on the way, as mounts of configuration have it.
func TestLinkIsTurned(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a right there")
	}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for name, pattern := range map[string]string{"of the file": "*.json", "of its directory": "now/*.json"} {
		dir := t.TempDir()
		for _, body := range []string{"one", "two"} {
			path := filepath.Join(dir, body, "p.json")
			err := errors.Join(os.Mkdir(filepath.Join(dir, body), 0o700), os.WriteFile(path, []byte(message(body)), 0o600), os.Chtimes(path, at, at))
			if err != nil {
				t.Fatal(err)
			}
		}
		turn := func(to string) {
			t.Helper()
			link := filepath.Join(dir, "p.json")
			if pattern != "*.json" {
				link = filepath.Join(dir, "now")
			} else {
				to = filepath.Join(to, "p.json")
			}
			if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			if err := os.Symlink(to, link); err != nil {
				t.Fatal(err)
			}
		}
		turn("one")
		ticks := make(chan time.Time)
		w := watch(t, os.DirFS(dir), programfile.WithTicks(ticks))
		files, err := programfile.New(w.engine, os.DirFS(dir), pattern, programfile.WithTicks(ticks), programfile.WithLogger(nil))
		if err != nil {
			t.Fatal(err)
		}
		w.files = files
		if err := files.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			w.tick(ticks)
		}
		turn("two")
		w.tick(ticks)
		if got := w.says(); got != "two" {
			t.Errorf("a link %s was turned: the program says %q", name, got)
		}
	}
}
