// SPDX-License-Identifier: BSL-1.0

// ring with 503 goroutines and channels.
package main

import (
	"time"

	"troupe_benchmarks/rival"
)

func ring(tokens int) func(int) time.Duration {
	return func(hops int) time.Duration {
		const links = 503
		each := hops / tokens
		var to [links]chan int
		for i := range to {
			to[i] = make(chan int, 128)
		}
		arrived := make(chan bool, tokens)
		seen := make(chan int)
		for i := range to {
			in, out := to[i], to[(i+1)%links]
			go func() {
				mine := 0
				for left := range in {
					if left < 0 {
						break
					}
					mine++
					if left == 0 {
						arrived <- true
					} else {
						out <- left - 1
					}
				}
				seen <- mine
			}()
		}
		begun := time.Now()
		for i := 0; i < tokens; i++ {
			to[i*5%links] <- each - 1
		}
		for i := 0; i < tokens; i++ {
			<-arrived
		}
		spent := time.Since(begun)
		all := 0
		for i := range to {
			to[i] <- -1
			all += <-seen
		}
		rival.Require("ring go", all, each*tokens)
		return spent
	}
}

func main() {
	hops := rival.Share(1000000, 1000)
	rival.Main(
		rival.Case{Name: "ring/1_token", Items: hops, Work: ring(1)},
		rival.Case{Name: "ring/100_tokens", Items: 10 * hops / 100 * 100, Work: ring(100)})
}
