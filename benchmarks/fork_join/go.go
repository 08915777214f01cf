// SPDX-License-Identifier: BSL-1.0

// fork_join with 60 goroutines and channels.
package main

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"troupe_benchmarks/rival"
)

const receivers = 60

var sink [receivers]float64

func forkJoin(messages int) time.Duration {
	each := messages / receivers
	var to [receivers]chan int
	var done sync.WaitGroup
	var seen int64
	done.Add(receivers)
	for i := range to {
		i := i
		to[i] = make(chan int, 1024)
		go func() {
			sum := 0.0
			mine := 0
			for ; mine < each; mine++ {
				sum += math.Sin(float64(<-to[i]))
			}
			sink[i] = sum
			atomic.AddInt64(&seen, int64(mine))
			done.Done()
		}()
	}
	begun := time.Now()
	for job := 0; job < each; job++ {
		for _, c := range to {
			c <- job
		}
	}
	done.Wait()
	spent := time.Since(begun)
	rival.Require("fork_join go", int(seen), each*receivers)
	return spent
}

func main() {
	rival.Main(rival.Case{Name: "fork_join/bounded",
		Items: rival.Share(100000, 100) * receivers, Work: forkJoin})
}
