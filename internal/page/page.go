// Package page writes measured figures into pages, between marks. So no figure is
// typed in, and the text around the marks stays as it is.
package page

import (
	"fmt"
	"strings"
)

// Splice replaces what stands between the two marks of a block with text, and changes
// nothing else. The marks are lines by themselves:
//
//	<!-- measured: NAME -->
//	<!-- end of NAME -->
func Splice(page, block, text string) (string, error) {
	begin, end := "<!-- measured: "+block+" -->\n", "<!-- end of "+block+" -->"
	i := strings.Index(page, begin)
	if i < 0 {
		return "", fmt.Errorf("there is no %q", strings.TrimSpace(begin))
	}
	i += len(begin)
	j := strings.Index(page[i:], end)
	if j < 0 {
		return "", fmt.Errorf("there is no %q", end)
	}
	return page[:i] + "\n" + strings.TrimSpace(text) + "\n\n" + page[i+j:], nil
}
