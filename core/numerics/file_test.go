package numerics_test

import (
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/numerics"
)

// good is a subflow without faults.
const good = `"a": {"cwnd": 10, "mss": 1, "fowd": 10, "bowd": 10}`

// TestMistakesAreLocated wants errors to name the line, the subflow and the value.
func TestMistakesAreLocated(t *testing.T) {
	for want, file := range map[string]string{
		"line 1: is no JSON":                                      ``,
		"line 2: is no JSON":                                      "{\n\"subflows\": {\"a\": {\"cwnd\": NaN}}}",
		"line 3: is no JSON":                                      "{\"subflows\":\n{" + good + ",\n\"b\": {",
		"line 1: array where an object is needed":                 "[1, 2]",
		"line 2: sender.snd_buffer: string where a number":        "{\"sender\":\n{\"snd_buffer\": \"x\"}, \"subflows\": {" + good + "}}",
		"line 2: snd_buffer -40 is out of range":                  "{\"sender\":\n{\"snd_buffer\": -40}, \"subflows\": {" + good + "}}",
		"line 3: subflow \"b\": cwnd: string where a number":      "{\"subflows\": {" + good + ",\n\"b\": {\"mss\": 1,\n\"cwnd\": \"many\"}}}",
		"line 3: subflow \"b\": fowd -1 is out of range":          "{\"subflows\": {" + good + ",\n\"b\": {\"mss\": 1,\n\"fowd\": -1}}}",
		"line 2: subflow \"a\": cwnd 1e+308 is out of range":      "{\"subflows\":\n{\"a\": {\"cwnd\": 1e308}}}",
		"line 2: is no JSON: invalid character '.'":               "{\"subflows\":\n{\"a\": {\"cwnd\": 1..5}}}",
		"line 2: subflow \"subflow1\": cwnd 1.5 is no whole":      "{\"subflows\": [{\"f\": 1, \"mss\": 1},\n{\"cwnd\": 1.5}]}",
		"line 2: subflow \"b\": loss 250 is not between":          "{\"subflows\": {" + good + ",\n\"b\": {\"mss\": 1, \"fowd\": 1, \"loss\": 250}}}",
		"line 2: subflow \"b\": no segment size":                  "{\"subflows\": {" + good + ",\n\"b\": {\"fowd\": 1}}}",
		"line 2: subflow \"b\": no delay is given":                "{\"subflows\": {" + good + ",\n\"b\": {\"mss\": 1}}}",
		"line 2: two subflows are called \"a\"":                   "{\"subflows\": {" + good + ",\n" + good + "}}",
		"line 2: subflow \"a\": number where an object is needed": "{\"subflows\":\n{\"a\": 1}}",
		"line 2: subflows: an object or a list is needed":         "{\"subflows\":\n3}",
		"the topology has no subflow":                             `{"subflows": []}`,
		"there are no \"subflows\"":                               `{"sender": {}}`,
	} {
		if _, err := numerics.Parse([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%v\nwant %s", file, err, want)
		}
	}
}

// TestByteOrderMark wants a file to be read with the mark in front of it.
func TestByteOrderMark(t *testing.T) {
	topology, err := numerics.Parse([]byte("\uFEFF{\"subflows\": {" + good + "}}"))
	if err != nil || len(topology.Subflows) != 1 {
		t.Errorf("%v: %v", topology, err)
	}
}

// TestSchedulerOfFile wants the file's scheduler taken where it is known, and a note where it is not.
func TestSchedulerOfFile(t *testing.T) {
	for name, want := range map[string]numerics.Scheduler{"GreedyScheduler": numerics.ByName, "GreedySchedulerDecreasingFOWD": numerics.DecreasingFOWD, "toto": numerics.IncreasingFOWD} {
		topology, err := numerics.Parse([]byte(`{"sender": {"scheduler": "` + name + `"}, "subflows": {` + good + `}}`))
		if err != nil || topology.Scheduler != want || (len(topology.Notes) > 0) != (name == "toto") {
			t.Errorf("%s: %v %v %v", name, topology, want, err)
		}
	}
}
