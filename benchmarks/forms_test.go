package benchmarks

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
	"github.com/beckon-go/beckon/internal/workload"
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

// environment returns the person as the map that expressions are evaluated over.
func environment(p *person) map[string]any {
	env := make(map[string]any, 72)
	for n, v := range p.Texts {
		env[textFields[n]] = v
	}
	env["TitleLower"], env["Now"] = p.Lower, start.Unix()
	for n, v := range p.Numbers {
		env[numberFields[n]] = v
	}
	for n, v := range p.Truths {
		env[truthFields[n]] = v
	}
	for n, v := range p.Dates {
		env[dateFields[n]] = v
	}
	for n, e := range p.Events {
		env[countFields[n]], env[lastFields[n]] = e.Count, e.Last
	}
	return env
}

// The names in environments; to put them together is not what is measured.
var (
	textFields, numberFields, truthFields, dateFields = fields(workload.TextNames()), fields(workload.NumberNames()), fields(workload.TruthNames()), fields(workload.DateNames())
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

func flat(p *person) *Flat {
	f := &Flat{}
	v := reflect.ValueOf(f).Elem()
	for name, x := range environment(p) {
		v.FieldByName(name).Set(reflect.ValueOf(x))
	}
	return f
}

// jsonEnvironment has numbers as a JSON decoder would have made them.
func jsonEnvironment(p *person) map[string]any {
	env := environment(p)
	for name, v := range env {
		if n, ok := v.(int64); ok {
			env[name] = float64(n)
		}
	}
	return env
}

// launchDarkly returns the person as an evaluation context.
func launchDarkly(p *person) ldcontext.Context {
	b := ldcontext.NewBuilder("u1")
	for n, v := range p.Texts {
		b.SetString(textFields[n], v)
	}
	b.SetString("TitleLower", p.Lower)
	for n, v := range p.Numbers {
		b.SetInt(numberFields[n], int(v))
	}
	for n, v := range p.Truths {
		b.SetBool(truthFields[n], v)
	}
	for n, v := range p.Dates {
		b.SetInt(dateFields[n], int(v))
	}
	for n, e := range p.Events {
		b.SetInt(countFields[n], int(e.Count))
		b.SetInt(lastFields[n], int(e.Last))
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
	for name, v := range environment(newPerson(0)) {
		switch v.(type) {
		case string:
			opts = append(opts, cel.Variable(name, cel.StringType))
		case int64:
			opts = append(opts, cel.Variable(name, cel.IntType))
		case bool:
			opts = append(opts, cel.Variable(name, cel.BoolType))
		}
	}
	return compileCEL(tb, celOf(c, ""), opts...)
}

func celNative(tb testing.TB, c condition) cel.Program {
	return compileCEL(tb, celOf(c, "c."), ext.NativeTypes(reflect.TypeFor[*Flat]()), cel.Variable("c", cel.ObjectType("benchmarks.Flat")))
}

// jsonLogic returns the condition as a JSON Logic document.
func jsonLogic(c condition) any {
	variable := func(name string) any { return map[string]any{"var": name} }
	op := func(name string, args ...any) any { return map[string]any{name: args} }
	switch c.Is {
	case workload.All, workload.Any:
		var parts []any
		for _, part := range c.Parts {
			parts = append(parts, jsonLogic(part))
		}
		return op(map[workload.Operator]string{workload.All: "and", workload.Any: "or"}[c.Is], parts...)
	case workload.In:
		var texts []any
		for _, text := range c.Texts {
			texts = append(texts, text)
		}
		return op("in", variable(field(c.Name)), texts)
	case workload.Contains:
		return op("in", c.Texts[0], variable(field(c.Name)+"Lower"))
	case workload.Above:
		return op(">", variable(field(c.Name)), float64(c.Number))
	case workload.Truth:
		return variable(field(c.Name))
	case workload.Count:
		return op(">=", variable(countFields[c.Event]), float64(c.Number))
	case workload.Recent:
		return op(">", variable(lastFields[c.Event]), op("-", variable("Now"), float64(c.Number*86400)))
	case workload.Since:
		return op(">", variable(field(c.Name)), op("-", variable("Now"), float64(c.Number*86400)))
	}
	panic("no such operator")
}

// A flagSet is a condition as a LaunchDarkly flag. Clauses of a flag are all to
// hold; what may hold instead of another is a segment. It cannot say "now
// minus seven days", so that instant is in it.
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

// clauses returns what has to hold together for the condition to hold.
func (f *flagSet) clauses(c condition) []ldmodel.Clause {
	one := func(name string, op ldmodel.Operator, values ...ldvalue.Value) []ldmodel.Clause {
		return []ldmodel.Clause{ldbuilders.Clause(name, op, values...)}
	}
	ago := ldvalue.Int(int(start.Unix() - c.Number*86400))
	switch c.Is {
	case workload.All:
		var list []ldmodel.Clause
		for _, part := range c.Parts {
			list = append(list, f.clauses(part)...)
		}
		return list
	case workload.Any:
		key := fmt.Sprint("segment-", len(f.segments))
		f.segments[key] = nil // the key is taken
		b := ldbuilders.NewSegmentBuilder(key)
		for _, part := range c.Parts {
			b.AddRule(ldbuilders.NewSegmentRuleBuilder().Clauses(f.clauses(part)...))
		}
		segment := b.Build()
		f.segments[key] = &segment
		return []ldmodel.Clause{ldbuilders.SegmentMatchClause(key)}
	case workload.In:
		var values []ldvalue.Value
		for _, text := range c.Texts {
			values = append(values, ldvalue.String(text))
		}
		return one(field(c.Name), ldmodel.OperatorIn, values...)
	case workload.Contains:
		return one(field(c.Name)+"Lower", ldmodel.OperatorContains, ldvalue.String(c.Texts[0]))
	case workload.Above:
		return one(field(c.Name), ldmodel.OperatorGreaterThan, ldvalue.Int(int(c.Number)))
	case workload.Truth:
		return one(field(c.Name), ldmodel.OperatorIn, ldvalue.Bool(true))
	case workload.Count:
		return one(countFields[c.Event], ldmodel.OperatorGreaterThanOrEqual, ldvalue.Int(int(c.Number)))
	case workload.Recent:
		return one(lastFields[c.Event], ldmodel.OperatorGreaterThan, ago)
	case workload.Since:
		return one(field(c.Name), ldmodel.OperatorGreaterThan, ago)
	}
	panic("no such operator")
}

// A rulePeer judges persons by one rule: prepare brings a person into the
// peer's form, which is not part of judging.
type rulePeer struct {
	name    string
	prepare func(p *person) (judge func() bool)
}

// rulePeers returns everything that judges by a condition but beckon and the limit.
func rulePeers(tb testing.TB, c condition) []rulePeer {
	tb.Helper()
	onMap, onStruct := compileExpr(tb, exprOf(c, ""), environment(newPerson(0))), compileExpr(tb, exprOf(c, ""), Flat{})
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
	logic := jsonLogic(c)
	return []rulePeer{
		{"expr-map-reusedVM", func(p *person) func() bool { return exprOn(onMap, environment(p)) }},
		{"expr-struct-reusedVM", func(p *person) func() bool { return exprOn(onStruct, flat(p)) }},
		{"cel-map", func(p *person) func() bool { return celOn(byName, environment(p)) }},
		{"cel-native", func(p *person) func() bool { return celOn(native, map[string]any{"c": flat(p)}) }},
		{"launchdarkly", func(p *person) func() bool {
			context := launchDarkly(p)
			return func() bool { return evaluator.Evaluate(&flags.flag, context, nil).Detail.Value.BoolValue() }
		}},
		{"jsonlogic", func(p *person) func() bool {
			env := jsonEnvironment(p)
			return func() bool {
				out, err := jsonlogic.ApplyInterface(logic, any(env)) //nolint:staticcheck // Apply reads and writes JSON text, which would be measured as well
				check(tb, err)
				return out.(bool)
			}
		}},
	}
}

// expression returns the condition in the syntax that expr and CEL nearly share;
// contained is how each asks for a part of a text, and of is what names stand behind.
func expression(c condition, of string, contained func(text, part string) string) string {
	name := of + field(c.Name)
	switch c.Is {
	case workload.All, workload.Any:
		var parts []string
		for _, part := range c.Parts {
			parts = append(parts, expression(part, of, contained))
		}
		return "(" + strings.Join(parts, map[workload.Operator]string{workload.All: " && ", workload.Any: " || "}[c.Is]) + ")"
	case workload.In:
		var texts []string
		for _, text := range c.Texts {
			texts = append(texts, fmt.Sprintf("%q", text))
		}
		return fmt.Sprintf("%s in [%s]", name, strings.Join(texts, ", "))
	case workload.Contains:
		// As the limit has it, the text is there in small letters.
		return contained(name+"Lower", fmt.Sprintf("%q", c.Texts[0]))
	case workload.Above:
		return fmt.Sprintf("%s > %d", name, c.Number)
	case workload.Truth:
		return name
	case workload.Count:
		return fmt.Sprintf("%sCount%02d >= %d", of, c.Event, c.Number)
	case workload.Recent:
		return fmt.Sprintf("%sLast%02d > %sNow - %d", of, c.Event, of, c.Number*86400)
	case workload.Since:
		return fmt.Sprintf("%s > %sNow - %d", name, of, c.Number*86400)
	}
	panic("no such operator")
}

func exprOf(c condition, of string) string {
	return expression(c, of, func(text, part string) string { return text + " contains " + part })
}

func celOf(c condition, of string) string {
	return expression(c, of, func(text, part string) string { return text + ".contains(" + part + ")" })
}

// field is an attribute's name in environments.
func field(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}
