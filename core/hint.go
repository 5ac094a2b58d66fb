package core

import "strings"

// Hint is one line about what stands at the cursor, a byte offset into text: what the parameter there means, or how the
// command is used. Empty where there is nothing to say.
func (s *Session) Hint(text string, cursor int) string {
	words, at, inside := wordsAround(text, max(0, min(cursor, len(text))))
	if len(words) == 0 {
		return ""
	}
	c := lookup(s.commands, words[0].text)
	if c == nil {
		return ""
	}
	if at == 0 {
		return c.Name + ": " + c.Summary
	}
	params := s.paramsOf(c, words)
	if at > 1 {
		if p := optionNamed(params, words[at-1].text); p != nil && p.Kind != Flag {
			return p.Name + ": " + p.Doc
		}
	}
	if inside && strings.HasPrefix(words[at].text, "-") {
		if p := optionNamed(params, words[at].text); p != nil {
			return p.Name + ": " + p.Doc
		}
	}
	return c.usageWith(params)
}
