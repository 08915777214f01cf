// SPDX-License-Identifier: BSL-1.0

// big with 120 goroutines and a channel for each.
package main

import (
	"math/rand"
	"sync"
	"sync/atomic"
	"time"

	"troupe_benchmarks/rival"
)

const talkers = 120

type letter struct {
	ping bool
	from int
}

func big(pings int) time.Duration {
	var to [talkers]chan letter
	for i := range to {
		to[i] = make(chan letter, 2*talkers) // so that nobody waits in a circle
	}
	var done sync.WaitGroup
	var answered int64
	done.Add(talkers)
	begun := time.Now()
	for i := range to {
		i := i
		go func() {
			dice := rand.New(rand.NewSource(int64(i + 1)))
			sent := 0
			mine := 0
			next := func() {
				if sent == pings {
					atomic.AddInt64(&answered, int64(mine))
					done.Done()
					return
				}
				sent++
				to[dice.Intn(talkers)] <- letter{true, i}
			}
			next()
			for l := range to[i] {
				if l.ping {
					to[l.from] <- letter{false, i}
				} else {
					mine++
					next()
				}
			}
		}()
	}
	done.Wait()
	spent := time.Since(begun)
	for _, c := range to {
		close(c)
	}
	rival.Require("big go", int(answered), pings*talkers)
	return spent
}

func main() {
	pings := rival.Whole(20000, 10)
	rival.Main(rival.Case{Name: "big/whole", Items: 1, Work: func(int) time.Duration {
		return big(pings)
	}})
}
