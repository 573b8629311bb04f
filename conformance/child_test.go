package conformance

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
)

// A task is what a process under test is to do: over the store at Place,
// Callers track events of Contacts. It prints one line for each thing that is
// certain, as soon as it is.
type task struct {
	Place    place
	Prefix   string // of ids
	Contacts int
	Callers  int
	Events   int   // of each caller
	Now      int64 // what the clock says, Unix milliseconds
	Outbox   bool  // deliveries are made and acknowledged
	Work     bool  // not tracked but made: what is pending in the outbox
	Sweep    int64 // not tracked but swept: the pass that processes share, Unix milliseconds
	Worker   bool  // not tracked: a beckonwork.Worker, on the clock of the system
}

// child does a task and returns the exit code. A process whose parent is gone
// ends.
func child(text string) int {
	var t task
	err := json.Unmarshal([]byte(text), &t)
	if err == nil {
		err = t.do(context.Background(), os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func (t task) do(ctx context.Context, in io.Reader, out io.Writer) error {
	store, end, err := t.Place.open(ctx)
	if err != nil {
		return err
	}
	engine, err := t.engine(store)
	if err != nil {
		return err
	}
	say := func(words ...string) { // in one write, which a pipe does not tear
		_, _ = io.WriteString(out, strings.Join(words, " ")+"\n")
	}
	say("ready")
	lines := bufio.NewScanner(in)
	if !lines.Scan() {
		return errors.New("nobody has said to begin")
	}
	told := make(chan string)
	go func() {
		for lines.Scan() {
			told <- lines.Text()
		}
		os.Exit(3)
	}()
	switch {
	case t.Work:
		return errors.Join(t.work(ctx, engine, say), end())
	case t.Worker:
		return errors.Join(runWorker(ctx, store, told, say), end())
	case t.Sweep != 0:
		return errors.Join(t.sweep(ctx, store, told, say), end())
	}
	failed := make([]error, t.Callers)
	var callers sync.WaitGroup
	for i := range t.Callers {
		callers.Go(func() {
			for n := range t.Events {
				if failed[i] = t.track(ctx, engine, i, n, say); failed[i] != nil {
					return
				}
			}
		})
	}
	callers.Wait()
	return errors.Join(errors.Join(failed...), end())
}

func (t task) engine(store beckon.Store) (*beckon.Engine, error) {
	now := time.UnixMilli(t.Now)
	opts := []beckon.Option{beckon.WithClock(func() time.Time { return now }), beckon.WithRecentEvents(100_000), beckon.WithRepeatsLimit(100_000)}
	if t.Outbox || t.Work {
		opts = append(opts, beckon.WithOutbox())
	}
	engine, err := beckon.New(store, opts...)
	if err != nil {
		return nil, err
	}
	return engine, engine.Publish(context.Background(), contactProgram())
}

// track takes one event, says so, and makes what is to be delivered.
func (t task) track(ctx context.Context, engine *beckon.Engine, caller, n int, say func(...string)) error {
	who := fmt.Sprintf("%s-%d", t.Prefix, (caller+n)%t.Contacts)
	event := fmt.Sprintf("%d/%d/%d", os.Getpid(), caller, n)
	res, err := engine.Track(ctx, beckon.Event{Name: "go", UserID: who, EventID: event})
	if err != nil {
		return err
	}
	words := []string{"took", who, event}
	for _, d := range res.Deliveries {
		words = append(words, d.Message+"="+d.ID)
	}
	say(words...)
	if t.Outbox {
		for _, d := range res.Deliveries {
			if err := deliver(ctx, engine, d, say); err != nil {
				return err
			}
		}
	}
	return nil
}

// deliver makes a delivery, which is to say so, and acknowledges it.
func deliver(ctx context.Context, engine *beckon.Engine, d beckon.Delivery, say func(...string)) error {
	say("made", d.ID)
	if err := engine.Acknowledge(ctx, d); err != nil {
		return err
	}
	say("done", d.ID)
	return nil
}

// work makes what is pending.
func (t task) work(ctx context.Context, engine *beckon.Engine, say func(...string)) error {
	for d, err := range engine.Pending(ctx) {
		if err == nil {
			err = deliver(ctx, engine, d, say)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A process is a child that has said that it is ready.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	lines  *bufio.Scanner
	stderr bytes.Buffer
}

func startProcess(tb testing.TB, t task) *process {
	tb.Helper()
	text, err := json.Marshal(t)
	if err != nil {
		tb.Fatal(err)
	}
	p := &process{cmd: exec.CommandContext(context.Background(), os.Args[0])}
	p.cmd.Env = append(os.Environ(), childEnv+"="+string(text))
	p.cmd.Stderr = &p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err == nil {
		p.stdin, err = p.cmd.StdinPipe()
	}
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		tb.Fatal(err)
	}
	p.lines = bufio.NewScanner(stdout)
	if !p.lines.Scan() || p.lines.Text() != "ready" {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		tb.Fatalf("a process did not get ready: %s", &p.stderr)
	}
	return p
}

// begin has it do its task.
func (p *process) begin(tb testing.TB) {
	tb.Helper()
	if _, err := io.WriteString(p.stdin, "go\n"); err != nil {
		tb.Fatalf("%v: %s", err, &p.stderr)
	}
}

// killAfter reads so many lines, kills the process, and returns those lines and
// what it had still said.
func (p *process) killAfter(tb testing.TB, n int) []string {
	tb.Helper()
	var all []string
	for len(all) < n && p.lines.Scan() {
		all = append(all, p.lines.Text())
	}
	if err := p.cmd.Process.Kill(); err != nil {
		tb.Errorf("it has ended before it was killed: %v: %s", err, &p.stderr)
	}
	for p.lines.Scan() {
		all = append(all, p.lines.Text())
	}
	if err := p.cmd.Wait(); err == nil || p.stderr.Len() > 0 {
		tb.Errorf("a process that was killed ended with %v: %s", err, &p.stderr)
	}
	return all
}

// wait lets it end by itself and returns what it said.
func (p *process) wait(tb testing.TB) []string {
	tb.Helper()
	var all []string
	for p.lines.Scan() {
		all = append(all, p.lines.Text())
	}
	if err := p.cmd.Wait(); err != nil {
		tb.Errorf("a process ended with %v: %s", err, &p.stderr)
	}
	return all
}

// killIfRunning is killAfter for a process that may end by itself before; it
// says whether it did not.
func (p *process) killIfRunning(tb testing.TB, n int) (lines []string, killed bool) {
	tb.Helper()
	for len(lines) < n && p.lines.Scan() {
		lines = append(lines, p.lines.Text())
	}
	_ = p.cmd.Process.Kill() // it may have ended
	for p.lines.Scan() {
		lines = append(lines, p.lines.Text())
	}
	err := p.cmd.Wait()
	if p.stderr.Len() > 0 {
		tb.Errorf("a process ended with %v: %s", err, &p.stderr)
	}
	return lines, err != nil
}
