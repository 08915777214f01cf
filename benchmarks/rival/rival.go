// SPDX-License-Identifier: BSL-1.0

// Package rival is what the Go programs share: the same protocol as main.cpp. A program is given
// the name of one figure, question/case/peer, and prints it; the digit at the end of the peer is
// GOMAXPROCS. Without a name it runs all figures with GOMAXPROCS 2.
package rival

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Share is the part of a full count that this run does; see config.hpp.
func Share(full int, least int) int {
	part, err := strconv.ParseFloat(os.Getenv("TROUPE_BENCH_SHARE"), 64)
	if err != nil || part <= 0 || part > 1 {
		return full
	}
	some := int(float64(full) * part)
	if some < least && least < full {
		return least
	}
	return some
}

// Whole is the full count, but a small one in a smoke run; see config.hpp.
func Whole(full int, small int) int {
	if Share(1000, 0) < 100 {
		return small
	}
	return full
}

// Require ends the program when messages were lost.
func Require(what string, seen, expected int) {
	if seen != expected {
		fmt.Fprintf(os.Stderr, "%s: the receiver has seen %d of %d\n", what, seen, expected)
		os.Exit(1)
	}
}

// Case is one figure: how many things Work does, and in what time. With Value it is no rate.
type Case struct {
	Name  string // question/case
	Items int
	Work  func(items int) time.Duration
	Value func() float64
}

// ResidentBytes says how many bytes of this process lie in memory.
func ResidentBytes() float64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, _ := strconv.Atoi(strings.Fields(string(text))[1])
	return float64(pages) * 4096
}

func run(c Case, name string) {
	if c.Value != nil {
		fmt.Printf("value %s %.9g\n", name, c.Value())
		return
	}
	var spent time.Duration
	done := 0
	for spent < 200*time.Millisecond && done < 20*c.Items {
		spent += c.Work(c.Items)
		done += c.Items
	}
	fmt.Printf("rate %s %.9g\n", name, float64(done)/spent.Seconds())
}

// Main runs the figure that the command line names, or all.
func Main(cases ...Case) {
	wanted := ""
	processors := 2
	if len(os.Args) > 1 {
		wanted = os.Args[1]
		if n, err := strconv.Atoi(wanted[strings.LastIndex(wanted, "_")+1:]); err == nil {
			processors = n
		}
	}
	runtime.GOMAXPROCS(processors)
	ran := 0
	for _, c := range cases {
		name := fmt.Sprintf("%s/go_%d", c.Name, processors)
		if wanted == "" || wanted == name {
			run(c, name)
			ran++
		}
	}
	if ran == 0 {
		fmt.Fprintf(os.Stderr, "%s: no figure has this name\n", wanted)
		os.Exit(2)
	}
}
