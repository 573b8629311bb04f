package beckon

import "testing"

func TestPageBuilders(t *testing.T) {
	checkBuilt(t, []built{
		{PageURL().Is("u"), `{"page":"url","op":"is","value":"u"}`},
		{PageURL().IsNot("u"), `{"page":"url","op":"is_not","value":"u"}`},
		{PageURL().In("u", "v"), `{"page":"url","op":"in","value":["u","v"]}`},
		{PageURL().NotIn("u"), `{"page":"url","op":"not_in","value":["u"]}`},
		{PageURL().ContainsWord("u"), `{"page":"url","op":"contains_word","value":"u"}`},
		{PageURL().StartsWith("u"), `{"page":"url","op":"starts_with","value":"u"}`},
		{PageURL().EndsWith("u"), `{"page":"url","op":"ends_with","value":"u"}`},
		{PageURL().HasAnyValue(), `{"page":"url","op":"has_any_value"}`},
		{PageSeconds().Is(1), `{"page":"seconds","op":"is","value":1}`},
		{PageSeconds().IsNot(1), `{"page":"seconds","op":"is_not","value":1}`},
		{PageSeconds().GreaterThan(1.5), `{"page":"seconds","op":"greater_than","value":1.5}`},
		{PageSeconds().LessThan(1), `{"page":"seconds","op":"less_than","value":1}`},
		{PageSeconds().AtMost(1), `{"page":"seconds","op":"at_most","value":1}`},
		{PageSeconds().Between(1, 2), `{"page":"seconds","op":"between","value":[1,2]}`},
		{PageSeconds().HasAnyValue(), `{"page":"seconds","op":"has_any_value"}`},
	})
}
