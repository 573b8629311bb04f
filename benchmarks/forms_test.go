package benchmarks

import (
	"fmt"
	"reflect"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
	"github.com/diegoholiveira/jsonlogic/v3"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/launchdarkly/go-sdk-common/v3/ldcontext"
	"github.com/launchdarkly/go-sdk-common/v3/ldvalue"
	evaluation "github.com/launchdarkly/go-server-sdk-evaluation/v3"
	"github.com/launchdarkly/go-server-sdk-evaluation/v3/ldbuilders"
	"github.com/launchdarkly/go-server-sdk-evaluation/v3/ldmodel"
)

// A Flat is a person as the struct that expression languages read by
// reflection: one field for each thing that a rule may name.
type Flat struct {
	Plan, Country, Title, Language, City, Browser, System, Referrer, Channel, Position, Team, Industry string
	TitleLower                                                                                         string

	Score, Seats, Logins, Storage, Spend, Projects, Files, Invites, Age int64
	Active, Admin, Beta, Verified, Mobile                               bool
	Trial, Renewed, Paid, Called                                        int64

	Count00, Count01, Count02, Count03, Count04, Count05, Count06, Count07, Count08, Count09 int64
	Count10, Count11, Count12, Count13, Count14, Count15, Count16, Count17, Count18, Count19 int64

	Last00, Last01, Last02, Last03, Last04, Last05, Last06, Last07, Last08, Last09 int64
	Last10, Last11, Last12, Last13, Last14, Last15, Last16, Last17, Last18, Last19 int64

	Now int64
}

// environment gives the person as the map that expressions are evaluated over.
func (p *person) environment() map[string]any {
	env := make(map[string]any, 72)
	for n, v := range p.texts {
		env[textFields[n]] = v
	}
	env["TitleLower"], env["Now"] = p.lower, start.Unix()
	for n, v := range p.numbers {
		env[numberFields[n]] = v
	}
	for n, v := range p.truths {
		env[truthFields[n]] = v
	}
	for n, v := range p.dates {
		env[dateFields[n]] = v
	}
	for n, e := range p.events {
		env[countFields[n]], env[lastFields[n]] = e.count, e.last
	}
	return env
}

// The names in environments; to put them together is not what is measured.
var (
	textFields, numberFields, truthFields, dateFields = fields(textNames), fields(numberNames), fields(truthNames), fields(dateNames)
	countFields, lastFields                           = numbered("Count"), numbered("Last")
)

func fields(names []string) (list []string) {
	for _, name := range names {
		list = append(list, field(name))
	}
	return list
}

func numbered(prefix string) (list []string) {
	for n := range 20 {
		list = append(list, fmt.Sprintf("%s%02d", prefix, n))
	}
	return list
}

func (p *person) flat() *Flat {
	f := &Flat{}
	v := reflect.ValueOf(f).Elem()
	for name, x := range p.environment() {
		v.FieldByName(name).Set(reflect.ValueOf(x))
	}
	return f
}

// jsonEnvironment has numbers as a JSON decoder would have made them.
func (p *person) jsonEnvironment() map[string]any {
	env := p.environment()
	for name, v := range env {
		if n, ok := v.(int64); ok {
			env[name] = float64(n)
		}
	}
	return env
}

// launchDarkly gives the person as an evaluation context.
func (p *person) launchDarkly() ldcontext.Context {
	b := ldcontext.NewBuilder("u1")
	for n, v := range p.texts {
		b.SetString(textFields[n], v)
	}
	b.SetString("TitleLower", p.lower)
	for n, v := range p.numbers {
		b.SetInt(numberFields[n], int(v))
	}
	for n, v := range p.truths {
		b.SetBool(truthFields[n], v)
	}
	for n, v := range p.dates {
		b.SetInt(dateFields[n], int(v))
	}
	for n, e := range p.events {
		b.SetInt(countFields[n], int(e.count))
		b.SetInt(lastFields[n], int(e.last))
	}
	return b.Build()
}

func compileExpr(tb testing.TB, expression string, env any) *vm.Program {
	tb.Helper()
	program, err := expr.Compile(expression, expr.Env(env), expr.AsBool())
	check(tb, err)
	return program
}

func compileCEL(tb testing.TB, expression string, opts ...cel.EnvOption) cel.Program {
	tb.Helper()
	env, err := cel.NewEnv(opts...)
	check(tb, err)
	ast, issues := env.Compile(expression)
	check(tb, issues.Err())
	program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	check(tb, err)
	return program
}

// celMap declares each name by itself, and celNative the struct.
func celMap(tb testing.TB, c condition) cel.Program {
	var opts []cel.EnvOption
	for name, v := range newPerson(0).environment() {
		switch v.(type) {
		case string:
			opts = append(opts, cel.Variable(name, cel.StringType))
		case int64:
			opts = append(opts, cel.Variable(name, cel.IntType))
		case bool:
			opts = append(opts, cel.Variable(name, cel.BoolType))
		}
	}
	return compileCEL(tb, c.cel(""), opts...)
}

func celNative(tb testing.TB, c condition) cel.Program {
	return compileCEL(tb, c.cel("c."), ext.NativeTypes(reflect.TypeFor[*Flat]()), cel.Variable("c", cel.ObjectType("benchmarks.Flat")))
}

// jsonLogic gives the condition as a JSON Logic document.
func (c condition) jsonLogic() any {
	variable := func(name string) any { return map[string]any{"var": name} }
	op := func(name string, args ...any) any { return map[string]any{name: args} }
	switch c.is {
	case all, any_:
		var parts []any
		for _, part := range c.parts {
			parts = append(parts, part.jsonLogic())
		}
		return op(map[operator]string{all: "and", any_: "or"}[c.is], parts...)
	case in:
		var texts []any
		for _, text := range c.texts {
			texts = append(texts, text)
		}
		return op("in", variable(field(c.name)), texts)
	case contains:
		return op("in", c.texts[0], variable(field(c.name)+"Lower"))
	case above:
		return op(">", variable(field(c.name)), float64(c.number))
	case truth:
		return variable(field(c.name))
	case count:
		return op(">=", variable(countFields[c.event]), float64(c.number))
	case recent:
		return op(">", variable(lastFields[c.event]), op("-", variable("Now"), float64(c.number*86400)))
	case since:
		return op(">", variable(field(c.name)), op("-", variable("Now"), float64(c.number*86400)))
	}
	panic("no such operator")
}

// A flagSet is a condition as a LaunchDarkly flag. Clauses of a flag are all to
// hold; what may hold instead of another is a segment. It cannot say "now
// minus seven days", so that instant stands in it.
type flagSet struct {
	flag     ldmodel.FeatureFlag
	segments map[string]*ldmodel.Segment
}

func newFlagSet(c condition) *flagSet {
	f := &flagSet{segments: map[string]*ldmodel.Segment{}}
	f.flag = ldbuilders.NewFlagBuilder("rule").On(true).Variations(ldvalue.Bool(false), ldvalue.Bool(true)).FallthroughVariation(0).
		AddRule(ldbuilders.NewRuleBuilder().Variation(1).Clauses(f.clauses(c)...)).Build()
	return f
}

func (f *flagSet) GetFeatureFlag(string) *ldmodel.FeatureFlag { return nil }
func (f *flagSet) GetSegment(key string) *ldmodel.Segment     { return f.segments[key] }

// clauses gives what has to hold together for the condition to hold.
func (f *flagSet) clauses(c condition) []ldmodel.Clause {
	one := func(name string, op ldmodel.Operator, values ...ldvalue.Value) []ldmodel.Clause {
		return []ldmodel.Clause{ldbuilders.Clause(name, op, values...)}
	}
	ago := ldvalue.Int(int(start.Unix() - c.number*86400))
	switch c.is {
	case all:
		var list []ldmodel.Clause
		for _, part := range c.parts {
			list = append(list, f.clauses(part)...)
		}
		return list
	case any_:
		key := fmt.Sprint("segment-", len(f.segments))
		f.segments[key] = nil // the key is taken
		b := ldbuilders.NewSegmentBuilder(key)
		for _, part := range c.parts {
			b.AddRule(ldbuilders.NewSegmentRuleBuilder().Clauses(f.clauses(part)...))
		}
		segment := b.Build()
		f.segments[key] = &segment
		return []ldmodel.Clause{ldbuilders.SegmentMatchClause(key)}
	case in:
		var values []ldvalue.Value
		for _, text := range c.texts {
			values = append(values, ldvalue.String(text))
		}
		return one(field(c.name), ldmodel.OperatorIn, values...)
	case contains:
		return one(field(c.name)+"Lower", ldmodel.OperatorContains, ldvalue.String(c.texts[0]))
	case above:
		return one(field(c.name), ldmodel.OperatorGreaterThan, ldvalue.Int(int(c.number)))
	case truth:
		return one(field(c.name), ldmodel.OperatorIn, ldvalue.Bool(true))
	case count:
		return one(countFields[c.event], ldmodel.OperatorGreaterThanOrEqual, ldvalue.Int(int(c.number)))
	case recent:
		return one(lastFields[c.event], ldmodel.OperatorGreaterThan, ago)
	case since:
		return one(field(c.name), ldmodel.OperatorGreaterThan, ago)
	}
	panic("no such operator")
}

// A rulePeer judges persons by one rule: prepare brings a person into the
// peer's form, which is not part of judging.
type rulePeer struct {
	name    string
	prepare func(p *person) (judge func() bool)
}

// rulePeers gives everything that judges by a condition but beckon and the limit.
func rulePeers(tb testing.TB, c condition) []rulePeer {
	tb.Helper()
	onMap, onStruct := compileExpr(tb, c.expr(""), newPerson(0).environment()), compileExpr(tb, c.expr(""), Flat{})
	exprOn := func(program *vm.Program, env any) func() bool {
		var machine vm.VM
		return func() bool {
			out, err := machine.Run(program, env)
			check(tb, err)
			return out.(bool)
		}
	}
	celOn := func(program cel.Program, vars any) func() bool {
		return func() bool {
			out, _, err := program.Eval(vars)
			check(tb, err)
			return out.Value().(bool)
		}
	}
	byName, native := celMap(tb, c), celNative(tb, c)
	flags := newFlagSet(c)
	evaluator := evaluation.NewEvaluator(flags)
	logic := c.jsonLogic()
	return []rulePeer{
		{"expr-map-reusedVM", func(p *person) func() bool { return exprOn(onMap, p.environment()) }},
		{"expr-struct-reusedVM", func(p *person) func() bool { return exprOn(onStruct, p.flat()) }},
		{"cel-map", func(p *person) func() bool { return celOn(byName, p.environment()) }},
		{"cel-native", func(p *person) func() bool { return celOn(native, map[string]any{"c": p.flat()}) }},
		{"launchdarkly", func(p *person) func() bool {
			context := p.launchDarkly()
			return func() bool { return evaluator.Evaluate(&flags.flag, context, nil).Detail.Value.BoolValue() }
		}},
		{"jsonlogic", func(p *person) func() bool {
			env := p.jsonEnvironment()
			return func() bool {
				out, err := jsonlogic.ApplyInterface(logic, any(env))
				check(tb, err)
				return out.(bool)
			}
		}},
	}
}
