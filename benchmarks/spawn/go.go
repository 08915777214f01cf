// SPDX-License-Identifier: BSL-1.0

// spawn with a goroutine and a channel for each.
package main

import (
	"sync"
	"sync/atomic"
	"time"

	"troupe_benchmarks/rival"
)

func lifecycle(actors int) time.Duration {
	var gone sync.WaitGroup
	var seen int64
	gone.Add(actors)
	begun := time.Now()
	for i := 0; i < actors; i++ {
		in := make(chan int64, 1)
		go func() {
			atomic.AddInt64(&seen, <-in)
			gone.Done()
		}()
		in <- 1
	}
	gone.Wait()
	spent := time.Since(begun)
	rival.Require("spawn go", int(seen), actors)
	return spent
}

func idle(actors int) (time.Duration, float64) {
	all := make([]chan bool, actors)
	var gone sync.WaitGroup
	gone.Add(actors)
	before := rival.ResidentBytes()
	begun := time.Now()
	for i := range all {
		in := make(chan bool, 1)
		all[i] = in
		go func() {
			<-in
			gone.Done()
		}()
	}
	spent := time.Since(begun)
	time.Sleep(300 * time.Millisecond)
	bytes := (rival.ResidentBytes() - before) / float64(actors)
	for _, in := range all {
		in <- true
	}
	gone.Wait()
	return spent, bytes
}

func main() {
	actors := rival.Share(1000000, 1000)
	rival.Main(
		rival.Case{Name: "spawn/lifecycle", Items: actors, Work: lifecycle},
		rival.Case{Name: "spawn/idle", Items: actors, Work: func(n int) time.Duration {
			spent, _ := idle(n)
			return spent
		}},
		rival.Case{Name: "spawn/idle_bytes", Value: func() float64 {
			_, bytes := idle(actors)
			return bytes
		}})
}
