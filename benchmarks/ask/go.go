// SPDX-License-Identifier: BSL-1.0

// ask with goroutines: each request carries a channel for its reply.
package main

import (
	"time"

	"troupe_benchmarks/rival"
)

type question struct {
	reply chan int
}

func ask(asks int) time.Duration {
	in := make(chan question, 16)
	go func() {
		seen := 0
		for q := range in {
			seen++
			q.reply <- seen
		}
	}()
	last := 0
	begun := time.Now()
	for i := 0; i < asks; i++ {
		reply := make(chan int, 1)
		in <- question{reply}
		last = <-reply
	}
	spent := time.Since(begun)
	close(in)
	rival.Require("ask go", last, asks)
	return spent
}

func main() {
	rival.Main(rival.Case{
		Name: "ask/between_actors", Items: rival.Share(500000, 1000), Work: ask})
}
