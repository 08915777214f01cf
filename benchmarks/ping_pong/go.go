// SPDX-License-Identifier: BSL-1.0

// ping_pong with two goroutines and two channels.
package main

import (
	"time"

	"troupe_benchmarks/rival"
)

func pingPong(roundTrips int) time.Duration {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for ball := range ping {
			pong <- ball
		}
	}()
	seen := 0
	begun := time.Now()
	for i := 0; i < roundTrips; i++ {
		ping <- i
		if <-pong == i {
			seen++
		}
	}
	spent := time.Since(begun)
	close(ping)
	rival.Require("ping_pong go", seen, roundTrips)
	return spent
}

func main() {
	rival.Main(rival.Case{
		Name: "ping_pong/round_trip", Items: rival.Share(1000000, 1000), Work: pingPong})
}
