package match

import ("testing";"os";"context";"fmt";"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace")

func TestDbg(t *testing.T) {
	load := func(n string) *trace.Trace { f, _ := os.Open(n); tr, err := trace.Load(context.Background(), f, trace.Options{}); if err != nil { t.Fatal(err) }; return tr }
	n := os.Getenv("DBG")
	a, b := load("../../testdata/pairs/"+n+".client.pcapng.gz"), load("../../testdata/pairs/"+n+".server.pcapng.gz")
	p, _ := Captures(context.Background(), a, b)
	c := &Clock{Base: A, Ref: a.Capture.First}
	e := p.estimator(c)
	ch := newChange(e)
	fmt.Println(ch.bins, ch.trend, ch.usual, e.kinds)
	for bn := range ch.bins {
		s := ""
		for k := range ch.least { d, ok := ch.delta(k, bn); if ok { s += fmt.Sprintf(" %d:%.0f", k, d/1000) } }
		fmt.Println(bn, s)
	}
	fmt.Println(ch.find(), ch.bin, ch.size)
	before := e.cost()
	s := ch.place()
	e.shift(&s, ch.size)
	fmt.Printf("%+v %f %f\n", s, before, e.cost())
}
