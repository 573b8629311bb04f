package beckon_test

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every way into the library is shown in an example that runs: the functions
// of the package, and the methods of the types that do the work.
func TestEveryEntryPointIsShown(t *testing.T) {
	shown := map[string]bool{}
	entry := map[string]bool{}
	worker := map[string]bool{"Engine": true, "Renderer": true, "Throttler": true, "Trigger": true}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if matches, err := build.Default.MatchFile(".", name); err != nil || !matches {
			continue // a generator
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			switch {
			case !ok:
			case !strings.HasSuffix(name, "_test.go"):
				receiver := receiverName(f)
				if f.Name.IsExported() && !strings.HasSuffix(f.Name.Name, "JSON") && (receiver == "" || worker[receiver]) {
					entry[f.Name.Name] = true
				}
			case strings.HasPrefix(f.Name.Name, "Example"):
				ast.Inspect(f.Body, func(n ast.Node) bool {
					if s, ok := n.(*ast.SelectorExpr); ok {
						shown[s.Sel.Name] = true
					}
					return true
				})
			}
		}
	}
	if len(entry) < 50 {
		t.Fatalf("only %d entry points were found", len(entry))
	}
	for name := range entry {
		if !shown[name] {
			t.Errorf("no example shows %s", name)
		}
	}
}

func receiverName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	e := f.Recv.List[0].Type
	if p, ok := e.(*ast.StarExpr); ok {
		e = p.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return "?"
}

// A reader copies what the README shows. So every Go block in it is a whole
// file, is built as in a module of the reader's own, and runs (one that names its
// file is compared with that, beside it in examples/web): a program must
// print the text block that follows it, a test must pass, and a scenario must
// pass under the command that the README names.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	goTool(t, "version") // skips where there is no go command
	blocks := fencedBlocks(t, "README.md")
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	reader := readersModule(t, root)

	ran := map[string]int{}
	for i, b := range blocks {
		name := fmt.Sprintf("block%d", i)
		switch {
		case b.language == "go" && strings.HasPrefix(b.text, "package main\n"):
			writeFile(t, filepath.Join(reader, name, "main.go"), b.text)
			if i+1 == len(blocks) || blocks[i+1].language != "text" {
				t.Errorf("README.md:%d: no text block follows the program to say what it prints", b.line)
				continue
			}
			got := command(t, reader, "go", "run", "./"+name)
			if want := blocks[i+1].text; got != want {
				t.Errorf("README.md:%d: the program prints\n%s\nwant\n%s", b.line, got, want)
			}
			ran["program"]++
		case b.language == "go" && strings.Contains(b.text, "\t\"testing\"\n"):
			writeFile(t, filepath.Join(reader, name, "readme_test.go"), b.text)
			if out := command(t, reader, "go", "test", "-v", "./"+name); !strings.Contains(out, "--- PASS") {
				t.Errorf("README.md:%d: no test ran:\n%s", b.line, out)
			}
			ran["test"]++
		case b.language == "go":
			t.Errorf("README.md:%d: a Go block that is neither a program nor a test cannot be checked", b.line)
		case b.language == "json":
			file := filepath.Join(reader, name+".json")
			writeFile(t, file, b.text)
			if out := command(t, root, "go", "run", "./cmd/beckon", "test", file); !strings.HasSuffix(out, "1 passed, 0 failed\n") {
				t.Errorf("README.md:%d: the scenario gives\n%s", b.line, out)
			}
			ran["scenario"]++
		}
	}
	for _, kind := range []string{"program", "test", "scenario"} {
		if ran[kind] == 0 {
			t.Errorf("README.md shows no %s", kind)
		}
	}
}

type fencedBlock struct {
	language string
	text     string
	line     int
}

func fencedBlocks(t *testing.T, file string) []fencedBlock {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []fencedBlock
	for _, m := range regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$").FindAllSubmatchIndex(data, -1) {
		blocks = append(blocks, fencedBlock{
			language: string(data[m[2]:m[3]]),
			text:     string(data[m[4]:m[5]]),
			line:     1 + strings.Count(string(data[:m[0]]), "\n"),
		})
	}
	return blocks
}

// readersModule makes a module that requires this one, with what this one
// requires, so that nothing has to be looked up on the network.
func readersModule(t *testing.T, root string) string {
	t.Helper()
	dir := t.TempDir()
	mod := readFile(t, filepath.Join(root, "go.mod"))
	mod = strings.Replace(mod, "module github.com/beckon-go/beckon\n", "module example.com/reader\n", 1)
	mod += "\nrequire github.com/beckon-go/beckon v0.0.0\n\nreplace github.com/beckon-go/beckon => " + root + "\n"
	writeFile(t, filepath.Join(dir, "go.mod"), mod)
	writeFile(t, filepath.Join(dir, "go.sum"), readFile(t, filepath.Join(root, "go.sum")))
	return dir
}

// command runs a command in a folder and returns what it prints on standard
// output; the test ends if it fails. On standard error the go command tells of
// what it downloads, and that is not what the README shows.
func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if _, err := os.Stat(filepath.Join(dir, "go.work")); err != nil {
		cmd.Env = append(os.Environ(), "GOWORK=off")
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, stderr.String())
	}
	return string(out)
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
