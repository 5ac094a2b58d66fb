package core

import (
	"reflect"
	"strings"
	"testing"
)

func TestSplitWords(t *testing.T) {
	tests := []struct {
		line string
		want [][]string
	}{
		{"", [][]string{nil}},
		{"  lc  ", [][]string{{"lc"}}},
		{"plot dsn 0 # a comment", [][]string{{"plot", "dsn", "0"}}},
		{"a#b c", [][]string{{"a#b", "c"}}},
		{"lc; ls 0", [][]string{{"lc"}, {"ls", "0"}}},
		{"lc;", [][]string{{"lc"}, nil}},
		{`load "two words.pcap"`, [][]string{{"load", "two words.pcap"}}},
		{`load 'it''s'`, [][]string{{"load", "its"}}},
		{`load it\'s`, [][]string{{"load", "it's"}}},
		{`x "a\"b" 'c\d' "e\f"`, [][]string{{"x", `a"b`, `c\d`, `e\f`}}},
		{`x ""`, [][]string{{"x", ""}}},
		{`x "a;b"`, [][]string{{"x", "a;b"}}},
		{"x é ü", [][]string{{"x", "é", "ü"}}},
	}
	for _, test := range tests {
		var got [][]string
		for _, words := range splitWords(test.line) {
			var texts []string
			for _, w := range words {
				texts = append(texts, w.text)
			}
			got = append(got, texts)
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("splitWords(%q) = %q, want %q", test.line, got, test.want)
		}
	}
}

func TestSplitWordsOffsets(t *testing.T) {
	line := `plot "a b" é x`
	for _, w := range splitWords(line)[0] {
		text := line[w.start:w.end]
		if got := splitWords(text)[0][0].text; got != w.text {
			t.Errorf("%q at %d…%d reads %q", w.text, w.start, w.end, got)
		}
	}
}

func TestOpenQuote(t *testing.T) {
	for _, line := range []string{`load "x`, `load 'x`, `load x\`} {
		words := splitWords(line)[0]
		if !words[len(words)-1].open {
			t.Errorf("%q: the last word is not open", line)
		}
	}
}

func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "a b", "it's", `a"b\`, "x;y#z", "\xff", "tab\there"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		words := splitWords("x " + Quote(s))
		if len(words) != 1 || len(words[0]) != 2 || words[0][1].text != s || words[0][1].open {
			t.Errorf("Quote(%q) = %q reads back as %v", s, Quote(s), words)
		}
	})
}

func TestNearest(t *testing.T) {
	names := []string{"load", "lc", "ls", "plot", "summary", "help", "dsn", "dack"}
	for word, want := range map[string]string{"plto": "plot", "sumary": "summary", "dsnn": "dsn", "xyzzy": "", "LC": "lc"} {
		if got := nearest(word, names); got != want {
			t.Errorf("nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestLogicalLines(t *testing.T) {
	got := logicalLines("a\nb \\\nc\nd\\\\\ne\\")
	want := []logicalLine{{"a", 1}, {"b  c", 2}, {`d\\`, 4}, {`e\`, 5}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("logicalLines = %v, want %v", got, want)
	}
}

// What Quote and QuoteFile write is read back as one word, whatever it holds.
func TestQuoteIsReadBack(t *testing.T) {
	for _, word := range []string{"", "a", "a b", "it's", `back\slash`, "two\nlines", "tab\there", "\x1b[31m", "-dash", "--", ">out", "|pipe", "!bang",
		"$'x'", "'", `"`, "a;b", "#no", "ünïcode", "\xff\xfe", "\r\n'\\", "$", "a$'b", "-"} {
		for name, quote := range map[string]func(string) string{"Quote": Quote, "QuoteFile": QuoteFile} {
			line := quote(word)
			commands := splitWords("load " + line + " next")
			if len(commands) != 1 || len(commands[0]) != 3 || commands[0][1].text != word || commands[0][1].open || strings.ContainsAny(line, "\n\r") {
				t.Errorf("%s of %q is %q, read as %+v", name, word, line, commands)
			}
		}
	}
	for line, want := range map[string]string{`$'a\nb'`: "a\nb", `$'\x41\x4'`: "Ax4", `$'\''`: "'", `x$'\t'y`: "x\ty", `"$'a'"`: "$'a'", `$'\q\\'`: `q\`} {
		if got := splitWords(line)[0][0]; got.text != want || got.open {
			t.Errorf("%s is %+v, want %q", line, got, want)
		}
	}
	if got := splitWords(`$'open`)[0][0]; !got.open {
		t.Errorf("an open quote is %+v", got)
	}
}
