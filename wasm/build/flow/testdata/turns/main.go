// Command turns takes every way through functions that package flow knows of, and prints where it came.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
)

func main() {
	fmt.Println("loops", loops(50), nested(12), early([]int{3, 5, 8, 13}, 8), jumps(40))
	fmt.Println("choice", choice("seven"), choice("one"), choice(""), dense(3), dense(9))
	fmt.Println("calls", calls(20), collatz(27), depth(5000))
	fmt.Println("recovered", recovered(3), recovered(-1), recoveredTwice())
	fmt.Println("waits", waits(6, 200), yields(30), selected(40))
	fmt.Println("closures", sums(4)(5), ranged(17), deferred())
	fmt.Println("memory", zeroed(1000), copied("straight on", 7), texts(60))
	fmt.Println("numbers", numbers([]byte("\x81\x02\xf3\x04\x05\xe6\x07\x98\x09")), fields([]byte{0xfe, 1, 0xdc, 3, 4, 0xba, 6, 7}))
	fmt.Println("equal", equal("any two of these pieces of memory are compared"))
	fmt.Println("nothing", missing(nil), beyond([]int{1, 2}, 5))
}

// loops has two ways on and out.
func loops(n int) (sum int) {
	for i := range n {
		if i%3 == 0 {
			continue
		}
		if sum > 700 {
			break
		}
		sum += i
	}
	return sum
}

// nested goes on with the outer loop from the inner ones.
func nested(n int) (sum int) {
outer:
	for i := range n {
		for j := range n {
			for k := j; k < n; k++ {
				switch {
				case i*j*k == 60:
					continue outer
				case k == 11 && j == 11:
					break outer
				}
				sum += i ^ j ^ k
			}
		}
	}
	return sum
}

func early(list []int, wanted int) int {
	for i, v := range list {
		if v == wanted {
			return i
		}
	}
	return -1
}

// jumps has loops that overlap, made by hand.
func jumps(n int) (sum int) {
	i := 0
top:
	i++
	if i > n {
		return sum
	}
middle:
	sum += i
	if sum%7 == 0 {
		sum++
		goto top
	}
	if sum%5 == 0 {
		i++
		goto middle
	}
	goto top
}

func choice(name string) int {
	switch name {
	case "one", "two", "three":
		return len(name)
	case "seven":
		return 7
	case "":
		return -1
	}
	return 0
}

func dense(n int) string {
	switch n {
	case 0, 1:
		return "few"
	case 2, 3, 4:
		return "some"
	case 5, 6, 7, 8:
		return "many"
	}
	return "lots"
}

// calls has calls in its loop, which is therefore left and entered in its midst.
func calls(n int) string {
	var b strings.Builder
	for i := range n {
		if i%4 == 1 {
			continue
		}
		fmt.Fprintf(&b, "%d,", i*i)
	}
	return b.String()
}

func collatz(n int) (steps int) {
	for ; n != 1; steps++ {
		if n&1 == 0 {
			n /= 2
		} else {
			n = 3*n + 1
		}
	}
	return steps
}

// depth has its stack grow.
func depth(n int) int {
	var room [16]int
	if n == 0 {
		return 0
	}
	room[n%16] = depth(n-1) + 1
	return room[n%16]
}

func recovered(n int) (what string) {
	defer func() {
		if r := recover(); r != nil {
			what = fmt.Sprint("recovered: ", r)
		}
	}()
	list := make([]int, 3)
	for i := range n {
		list[i]++
	}
	if n < 0 {
		return fmt.Sprint(list[n+len(list)], " ", list[n&7])
	}
	return "fine"
}

func recoveredTwice() (n int) {
	for i := range 5 {
		func() {
			defer func() {
				if recover() != nil {
					n += i
				}
			}()
			if i%2 == 0 {
				panic(errors.New("even"))
			}
		}()
	}
	return n
}

// waits has goroutines wait for each other in loops.
func waits(workers, n int) (sum int) {
	in, out := make(chan int), make(chan int, 3)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for v := range in {
				if v%2 == 0 {
					runtime.Gosched()
				}
				out <- v * v
			}
		})
	}
	go func() {
		for i := range n {
			in <- i
		}
		close(in)
		all.Wait()
		close(out)
	}()
	for v := range out {
		sum += v
	}
	return sum
}

func yields(n int) (sum int) {
	for i := 0; i < n; i++ {
		for j := range i {
			if j&3 == 3 {
				runtime.Gosched()
			}
			sum += j
		}
	}
	return sum
}

func selected(n int) int {
	var left, right int
	a, b, done := make(chan int), make(chan int), make(chan bool)
	go func() {
		for i := range n {
			if i%3 == 0 {
				a <- i
			} else {
				b <- i
			}
		}
		close(done)
	}()
	for {
		select {
		case v := <-a:
			left += v
		case v := <-b:
			right += v
		case <-done:
			return left*1000 + right
		}
	}
}

func sums(n int) func(int) int {
	return func(m int) int {
		for i := range m {
			n += i
		}
		return n
	}
}

func ranged(n int) (sum int) {
	for v := range slices.Values(make([]int, n)) {
		if sum > 12 {
			return sum * 100
		}
		sum += v + 1
	}
	return sum
}

func deferred() (list []int) {
	for i := range 4 {
		defer func() { list = append(list, i) }()
	}
	return nil
}

func zeroed(n int) (sum int) {
	list := make([]int64, n)
	for i := range list {
		list[i] = int64(i)
	}
	clear(list[n/2:])
	for _, v := range list {
		sum += int(v)
	}
	return sum
}

func copied(s string, n int) string {
	b := []byte(s)
	copy(b[2:], b[:n])
	return string(b)
}

func texts(n int) int {
	seen := map[string]int{}
	for i := range n {
		seen[strings.Repeat("x", i%13)]++
	}
	return len(seen)*1000 + seen["xxx"]
}

type node struct{ next *node }

func missing(n *node) (what any) {
	defer func() { what = recover() }()
	for range 3 {
		n = n.next
	}
	return n
}

func beyond(list []int, i int) (what any) {
	defer func() { what = recover() }()
	for ; ; i++ {
		if list[i] == 0 {
			return i
		}
	}
}

// numbers reads numbers whose highest byte comes first, of four and of eight bytes, at every place.
func numbers(b []byte) (sum uint64) {
	for len(b) >= 4 {
		sum = sum*31 + uint64(binary.BigEndian.Uint32(b))
		if len(b) >= 8 {
			sum = sum*31 + binary.BigEndian.Uint64(b) + uint64(binary.BigEndian.Uint16(b[2:]))
		}
		b = b[1:]
	}
	return sum
}

// fields reads by shifts: a number, one in another order, one with a byte missing, and one whose bytes overlap.
func fields(b []byte) [4]uint64 {
	_ = b[7]
	return [4]uint64{
		uint64(b[2])<<24 | uint64(b[3])<<16 | uint64(b[4])<<8 | uint64(b[5]),
		uint64(b[1]) | uint64(b[0])<<16 | uint64(b[3])<<24 | uint64(b[2])<<8,
		uint64(b[4])<<24 | uint64(b[5])<<16 | uint64(b[7]),
		uint64(b[0])<<24 | uint64(b[1])<<16 | uint64(b[1])<<8 | uint64(b[3]),
	}
}

// equal compares pieces of every length, equal ones and such that differ in one byte.
func equal(text string) [2]int {
	same, different := 0, 0
	count := func(equal bool) {
		if equal {
			same++
		} else {
			different++
		}
	}
	for n := range len(text) + 1 {
		other := []byte(text[:n])
		count(string(other) == text[:n])
		for i := range other {
			other[i] ^= 0x80
			count(string(other) == text[:n])
			other[i] ^= 0x80
		}
	}
	a, b := [16]byte([]byte(text[:16])), [16]byte([]byte(text[:16]))
	count(a == b)
	b[15]++
	count(a == b)
	return [2]int{same, different}
}
