package rule

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/textmatch"
)

// value judges the operand and puts it into c.
func (k *checker) value(c *Condition, t subjectType, class opClass, op Operator, o Operand, path string) {
	if o.kind == operandInvalid {
		k.faults.Fault(path, o.text)
		return
	}
	if o.kind == operandField || slices.ContainsFunc(o.list, func(e Operand) bool { return e.kind == operandField }) {
		k.field(c, t, class, op, o, path)
		return
	}
	switch class {
	case classEqual:
		k.equal(c, t, o, path)
	case classIn:
		k.in(c, t, o, path)
	case classText:
		k.textTest(c, op, o, path)
	case classOrder:
		k.order(c, t, op, o, path)
	case classSpan:
		k.span(c, op, o, path)
	case classDay:
		k.day(c, op, o, path)
	case classList:
		c.test = testListAny
		if op == operatorContainsAll {
			c.test = testListAll
		}
		if o.kind != operandList {
			k.faults.Fault(path, "must be a list of texts, is "+o.what())
			return
		}
		c.x = &operands{texts: textmatch.NewSet(k.texts(o.list, path))}
	}
}

// texts takes a list of texts.
func (k *checker) texts(list []Operand, path string) []string {
	if len(list) > MaxList {
		k.faults.Fault(path, "the list has more than "+strconv.Itoa(MaxList)+" elements")
		return nil
	}
	texts := make([]string, 0, len(list))
	for i, e := range list {
		if s, ok := k.text(e, path+"["+strconv.Itoa(i)+"]"); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

// text takes a text.
func (k *checker) text(o Operand, path string) (string, bool) {
	if o.kind != operandText {
		k.mistyped(o, "a text", path)
		return "", false
	}
	if problem := textFault(o.text); problem != "" {
		k.faults.Fault(path, problem)
		return "", false
	}
	return o.text, true
}

func (k *checker) mistyped(o Operand, want, path string) {
	if o.kind == operandInvalid {
		k.faults.Fault(path, o.text)
		return
	}
	k.faults.Fault(path, "must be "+want+", is "+o.what())
}

// scalar takes a text, a number, a boolean or money: what a subject of that
// type can be equal to.
func (k *checker) scalar(o Operand, t subjectType, path string) (repr.Value, bool) {
	switch {
	case t == subjectText || o.kind == operandText && t == SubjectAny:
		s, ok := k.text(o, path)
		return repr.String(s), ok
	case o.kind == operandMoney && t.takesMoney():
		return k.money(o, path)
	case t != SubjectAny || o.kind == operandNumber:
		return k.number(o, path)
	case o.kind == operandBool:
		return repr.Bool(o.text == "true"), true
	}
	k.mistyped(o, "a text, a number, a boolean or money", path)
	return repr.Value{}, false
}

func (k *checker) equal(c *Condition, t subjectType, o Operand, path string) {
	v, ok := k.scalar(o, t, path)
	if !ok || t == subjectCount && !k.countable(v, path) {
		return
	}
	switch v.Kind {
	case repr.KindString:
		c.test, c.text = testTextIs, v.Str
	case repr.KindBool:
		c.test, c.lo = testBool, v.Num
	default:
		c.compare(signEqual, v)
		c.inCurrency(t, v)
	}
	if t == subjectCount {
		c.countIn(v, v, true, true)
	}
}

func (k *checker) in(c *Condition, t subjectType, o Operand, path string) {
	if o.kind != operandList {
		k.faults.Fault(path, "must be a list, is "+o.what())
		return
	}
	if len(o.list) > MaxList {
		k.faults.Fault(path, "the list has more than "+strconv.Itoa(MaxList)+" elements")
		return
	}
	var texts []string
	c.test, c.x = testIn, &operands{}
	for i, e := range o.list {
		v, ok := k.scalar(e, t, path+"["+strconv.Itoa(i)+"]")
		switch {
		case !ok:
		case v.Kind == repr.KindString:
			texts = append(texts, v.Str)
		default:
			c.x.values = append(c.x.values, v)
		}
	}
	c.x.texts = textmatch.NewSet(texts)
}

func (k *checker) textTest(c *Condition, op Operator, o Operand, path string) {
	s, ok := k.text(o, path)
	if !ok {
		return
	}
	c.test, c.text = textTestOf(op), fold.Key(s)
	if c.test == testWord && !isWord(s) {
		k.faults.Fault(path, "a word has at least one letter or digit")
	}
}

// isWord reports whether a text has a letter or a digit.
func isWord(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) >= 0
}

func textTestOf(op Operator) test {
	switch op {
	case operatorContainsWord:
		return testWord
	case operatorStartsWith:
		return testStarts
	case operatorEndsWith:
		return testEnds
	case operatorMatches:
		return testMatches
	}
	return testContains
}
