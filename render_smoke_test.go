package beckon

import "testing"

type smokeVars map[string]Value

func (m smokeVars) lookup(ns namespace, key string) Value {
	return m[string("uce"[ns])+"."+key]
}

func TestSmoke(t *testing.T) {
	for src, want := range map[string]string{
		"{{event.a|fallback:'one'}} {{ event.b | fallback: \"two\" }} {{event.c | fallback:\"it's\"}}": "A two it's",
		"x": "x", "{{ name }} {{user.name}} {{user.custom_attributes.name}} {{ event[\"file name\"] }}{{ company.x }}": "N N N F", `{{ "{{" }}a`: "{{a",
	} {
		var l ErrorList
		c := compileContent(Content{Body: src}, renderContext{eventVars: true}, "m", &l)
		if l != nil {
			t.Error(l)
			continue
		}
		_, got, _, err := c.render(smokeVars{"e.a": String("A"), "e.b": String(""), "u.name": String("N"), "e.file name": String("F")})
		if got != want || err != nil {
			t.Errorf("%q: %q want %q %v", src, got, want, err)
		}
	}
	for _, src := range []string{"{{", "{{ }}", "{{ a", "{{ foo.x }}", "a\n {{ user.x | foo }}", "{{ user.x | date: 'YYYY' }}", "{{ user.x | date: '2006', 'Mars/X' }}", "{{ user }}", "{{ user.a.b }}", "{{event.x}}", "{{{x}}}", "{{ user['a }}", "{{ a b }} {{ c d }}"} {
		var l ErrorList
		compileContent(Content{Body: src}, renderContext{}, "m", &l)
		if l == nil {
			t.Error(src)
		}
		t.Log(src, "->", l)
	}
}
