package match_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"syscall"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
)

func TestSpeedDbg(t *testing.T) {
	if os.Getenv("SPEED") == "" {
		t.Skip()
	}
	a, b := loadTrace(t, readFile(t, "/tmp/mp/c1m.pcap")), loadTrace(t, readFile(t, "/tmp/mp/s1m.pcap"))
	cpu := func() float64 {
		var u syscall.Rusage
		syscall.Getrusage(0, &u)
		return float64(u.Utime.Sec) + float64(u.Utime.Usec)/1e6 + float64(u.Stime.Sec) + float64(u.Stime.Usec)/1e6
	}
	runtime.GC()
	var m0, m1, m2 runtime.MemStats
	runtime.ReadMemStats(&m0)
	f, _ := os.Create("/tmp/mp/cpu.prof")
	pprof.StartCPUProfile(f)
	c0 := cpu()
	p, _ := match.Captures(context.Background(), a, b)
	c1 := cpu()
	c := p.Clock(p.Near, match.Given{})
	c2 := cpu()
	pprof.StopCPUProfile()
	runtime.ReadMemStats(&m1)
	runtime.GC()
	runtime.ReadMemStats(&m2)
	n := 0
	for _, f := range p.Flows {
		n += len(f.Hops)
	}
	fmt.Printf("match %.2f clock %.2f, %d hops, alloc %.0f B/hop kept %.0f B/hop sys %d\n", c1-c0, c2-c1, n, float64(m1.TotalAlloc-m0.TotalAlloc)/float64(n), float64(m2.HeapAlloc-m0.HeapAlloc)/float64(n), (m1.HeapSys-m0.HeapSys)/uint64(n))
	fmt.Printf("%+v\n", c)
	runtime.KeepAlive(a)
	runtime.KeepAlive(b)
}
