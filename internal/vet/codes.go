package vet

import (
	"slices"
	"strconv"

	"github.com/beckon-go/beckon/internal/ojson"
)

// The codes of findings.
const (
	ProgramInvalid      = "program_invalid"
	Contradiction       = "contradiction"
	AlwaysTrue          = "always_true"
	NeverSends          = "never_sends"
	UnknownEvent        = "unknown_event"
	UnknownMetadata     = "unknown_metadata"
	UnknownAttribute    = "unknown_attribute"
	UnknownCode         = "unknown_code"
	WrongType           = "wrong_type"
	MissingFallback     = "missing_fallback"
	EmailWithoutSubject = "email_without_subject"
	PageViewEvent       = "page_view_event"
	UnusedCap           = "unused_cap"
	UnusedSegment       = "unused_segment"
	OverlappingWindows  = "overlapping_windows"
	GoalImplied         = "goal_implied"
	ChattySeries        = "chatty_series"
	HTMLInText          = "html_in_text"
	UnreachableBlock    = "unreachable_block"
)

// Codes returns all of them.
func Codes() []string {
	return []string{
		ProgramInvalid, Contradiction, AlwaysTrue, NeverSends, UnknownEvent, UnknownMetadata, UnknownAttribute, UnknownCode, WrongType,
		MissingFallback, EmailWithoutSubject, PageViewEvent, UnusedCap, UnusedSegment, OverlappingWindows, GoalImplied, ChattySeries, HTMLInText,
		UnreachableBlock,
	}
}

// codes tells of each code in a "vet_ignore" that no finding has.
func (v *vetter) codes() {
	root := v.root()
	v.codesOf(v.program, "", root)
	each(v.program, "messages", func(m *ojson.Node, path string) {
		v.codesOf(m, path+".", root.owned(text(m, "id"), m))
	})
	each(v.program, "series", func(s *ojson.Node, path string) {
		at := root.owned(text(s, "id"), s)
		v.codesOf(s, path+".", at)
		each(s, "blocks", func(b *ojson.Node, place string) {
			m := b.Member("message")
			v.codesOf(m, path+"."+place+".message.", at.owned(text(m, "id"), m))
		})
	})
	eachMember(v.segments, func(name string, n *ojson.Node) {
		v.codesOf(n, segmentPath(name)+".", root.owned(name, n))
	})
}

func (v *vetter) codesOf(n *ojson.Node, path string, at owner) {
	known := Codes()
	for i, code := range ignored(n) {
		if !slices.Contains(known, code) {
			v.add(at, path+"vet_ignore["+strconv.Itoa(i)+"]", UnknownCode, "no finding has the code "+strconv.Quote(code)+", so nothing is silenced", v.near(code, known))
		}
	}
}
