package core

import (
	"reflect"
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
