// SPDX-License-Identifier: BSL-1.0

// fan_in with goroutines and a channel; it is bounded, as every channel.
package main

import (
	"time"

	"troupe_benchmarks/rival"
)

func fanIn(producers int) func(int) time.Duration {
	return func(messages int) time.Duration {
		share := messages / producers
		to := make(chan int, 1024)
		seen := make(chan int)
		go func() {
			sum := 0
			for i := 0; i < share*producers; i++ {
				sum += <-to
			}
			seen <- sum
		}()
		begun := time.Now()
		for p := 0; p < producers; p++ {
			go func() {
				for i := 0; i < share; i++ {
					to <- 1
				}
			}()
		}
		sum := <-seen
		spent := time.Since(begun)
		rival.Require("fan_in go", sum, share*producers)
		return spent
	}
}

func main() {
	messages := rival.Share(4000000, 1000)
	rival.Main(
		rival.Case{Name: "fan_in/1_producer_bounded", Items: messages, Work: fanIn(1)},
		rival.Case{Name: "fan_in/2_producers_bounded", Items: messages, Work: fanIn(2)},
		rival.Case{Name: "fan_in/8_producers_bounded", Items: messages / 8 * 8, Work: fanIn(8)})
}
