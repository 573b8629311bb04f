package beckon_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// Z4: docs/security.md states every limit that the package exports, with the
// value that the code has.
func TestDocumentedLimits(t *testing.T) {
	limits := map[string]any{
		"CheckEvery":              beckon.CheckEvery,
		"DefaultAliases":          beckon.DefaultAliases,
		"DefaultCatalogueNames":   beckon.DefaultCatalogueNames,
		"DefaultEvery":            beckon.DefaultEvery,
		"DefaultEventNames":       beckon.DefaultEventNames,
		"DefaultPending":          beckon.DefaultPending,
		"DefaultRecentEvents":     beckon.DefaultRecentEvents,
		"DefaultRepeats":          beckon.DefaultRepeats,
		"DefaultSendLog":          beckon.DefaultSendLog,
		"DefaultThrottleReleases": beckon.DefaultThrottleReleases,
		"DefaultWaitingBytes":     beckon.DefaultWaitingBytes,
		"LeaseFor":                beckon.LeaseFor,
		"MaxAttributeLength":      beckon.MaxAttributeLength,
		"MaxAttributeName":        beckon.MaxAttributeName,
		"MaxAttributes":           beckon.MaxAttributes,
		"MaxCapSends":             beckon.MaxCapSends,
		"MaxTags":                 beckon.MaxTags,
		"MaxBlocks":               beckon.MaxBlocks,
		"MaxCompanies":            beckon.MaxCompanies,
		"MaxContactBytes":         beckon.MaxContactBytes,
		"MaxCountInWindow":        beckon.MaxCountInWindow,
		"MaxDamagedTold":          store.MaxDamagedTold,
		"MaxDefinitionKeys":       beckon.MaxDefinitionKeys,
		"MaxDescriptionLength":    beckon.MaxDescriptionLength,
		"MaxErrors":               beckon.MaxErrors,
		"MaxFaults":               beckon.MaxFaults,
		"MaxEventBytes":           beckon.MaxEventBytes,
		"MaxEventDepth":           beckon.MaxEventDepth,
		"MaxEventNameLength":      beckon.MaxEventNameLength,
		"MaxExponent":             beckon.MaxExponent,
		"DefaultHolds":            beckon.DefaultHolds,
		"MaxIDLength":             beckon.MaxIDLength,
		"MaxIdentityLength":       beckon.MaxIdentityLength,
		"MaxListLength":           beckon.MaxListLength,
		"MaxMessages":             beckon.MaxMessages,
		"MaxMetadataKeyLength":    beckon.MaxMetadataKeyLength,
		"MaxMetadataKeys":         beckon.MaxMetadataKeys,
		"MaxNumberDigits":         beckon.MaxNumberDigits,
		"MaxOccasionConditions":   beckon.MaxOccasionConditions,
		"MaxOffsetDays":           beckon.MaxOffsetDays,
		"MaxPageURLLength":        beckon.MaxPageURLLength,
		"MaxProgramBytes":         beckon.MaxProgramBytes,
		"MaxProgramDepth":         beckon.MaxProgramDepth,
		"MaxRenderedSize":         beckon.MaxRenderedSize,
		"MaxRuleConditions":       beckon.MaxRuleConditions,
		"MaxRuleExpanded":         beckon.MaxRuleExpanded,
		"MaxRuleDepth":            beckon.MaxRuleDepth,
		"MaxRuleList":             beckon.MaxRuleList,
		"MaxRuleText":             beckon.MaxRuleText,
		"MaxStringLength":         beckon.MaxStringLength,
		"MaxTemplateSize":         beckon.MaxTemplateSize,
		"MaxTemplateVariables":    beckon.MaxTemplateVariables,
		"MaxURLLength":            beckon.MaxURLLength,
		"MaxUnsubscribed":         beckon.MaxUnsubscribed,
		"NamesListedFor":          beckon.NamesListedFor,
		"OverdueFor":              beckon.OverdueFor,
		"RecentEventsFor":         beckon.RecentEventsFor,
		"RepeatsKnownFor":         beckon.RepeatsKnownFor,
		"VisitorsKeptFor":         beckon.VisitorsKeptFor,
	}
	for _, name := range exportedLimits(t) {
		if _, known := limits[name]; !known {
			t.Errorf("the package exports %s, which is not in this test", name)
		}
	}
	page, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| [^|]+ \\| ([^|]+) \\| `([A-Za-z]+)`[^|]* \\|")
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		stated, name := m[1], m[2]
		limit, known := limits[name]
		if !known {
			t.Errorf("%s stands in the table and not in this test", name)
			continue
		}
		delete(limits, name)
		if got := limitStated(stated); got != limit {
			t.Errorf("%s is %v, the table says %s", name, limit, stated)
		}
	}
	for name := range limits {
		t.Errorf("%s is missing from the table", name)
	}
}

// limitStated reads a limit as the table has it: a number, or a time.
func limitStated(s string) any {
	words := strings.Fields(s)
	n, err := strconv.Atoi(strings.TrimLeft(strings.ReplaceAll(words[0], ",", ""), "±"))
	if err != nil {
		return err
	}
	units := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	if len(words) > 1 {
		if unit, ok := units[strings.TrimSuffix(words[1], "s")]; ok {
			return time.Duration(n) * unit
		}
	}
	return n
}

// exportedLimits returns the names of the package's exported constants that are
// limits by their name.
func exportedLimits(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	limit := regexp.MustCompile(`^(Max|Default)[A-Z]|^[A-Z][A-Za-z]+(For|Every)$`)
	var names []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				for _, id := range s.(*ast.ValueSpec).Names {
					if limit.MatchString(id.Name) {
						names = append(names, id.Name)
					}
				}
			}
		}
	}
	return names
}
