package beckon_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
)

// Z4: the limits that docs/security.md states are those of the code.
func TestDocumentedLimits(t *testing.T) {
	limits := map[string]int{
		"DefaultThrottleReleases": beckon.DefaultThrottleReleases,
		"MaxAttributeLength":      beckon.MaxAttributeLength,
		"MaxCountInWindow":        beckon.MaxCountInWindow,
		"MaxEventBytes":           beckon.MaxEventBytes,
		"MaxEventDepth":           beckon.MaxEventDepth,
		"MaxEventNameLength":      beckon.MaxEventNameLength,
		"MaxExponent":             beckon.MaxExponent,
		"MaxIdentityLength":       beckon.MaxIdentityLength,
		"MaxListLength":           beckon.MaxListLength,
		"MaxMetadataKeyLength":    beckon.MaxMetadataKeyLength,
		"MaxMetadataKeys":         beckon.MaxMetadataKeys,
		"MaxNumberDigits":         beckon.MaxNumberDigits,
		"MaxPageURLLength":        beckon.MaxPageURLLength,
		"MaxRenderedSize":         beckon.MaxRenderedSize,
		"MaxRuleConditions":       beckon.MaxRuleConditions,
		"MaxRuleDepth":            beckon.MaxRuleDepth,
		"MaxRuleList":             beckon.MaxRuleList,
		"MaxRuleText":             beckon.MaxRuleText,
		"MaxStringLength":         beckon.MaxStringLength,
		"MaxTemplateSize":         beckon.MaxTemplateSize,
		"MaxTemplateVariables":    beckon.MaxTemplateVariables,
		"MaxURLLength":            beckon.MaxURLLength,
	}
	page, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| [^|]+ \\| ([^|]+) \\| `(Max[A-Za-z]+|Default[A-Za-z]+)` \\|")
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		stated, name := m[1], m[2]
		limit, known := limits[name]
		if !known {
			t.Errorf("%s stands in the table and not in this test", name)
			continue
		}
		delete(limits, name)
		number := strings.TrimLeft(strings.ReplaceAll(strings.Fields(stated)[0], ",", ""), "±")
		if number != strconv.Itoa(limit) {
			t.Errorf("%s is %d, the table says %s", name, limit, stated)
		}
	}
	for name := range limits {
		t.Errorf("%s is missing from the table", name)
	}
}
