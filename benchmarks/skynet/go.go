// SPDX-License-Identifier: BSL-1.0

// skynet with goroutines and a channel per inner node.
package main

import (
	"time"

	"troupe_benchmarks/rival"
)

func node(up chan int, number, size int) {
	if size == 1 {
		up <- number
		return
	}
	from := make(chan int, 10)
	for i := 0; i < 10; i++ {
		go node(from, number+i*(size/10), size/10)
	}
	total := 0
	for i := 0; i < 10; i++ {
		total += <-from
	}
	up <- total
}

func main() {
	leaves := rival.Whole(1000000, 1000)
	rival.Main(rival.Case{Name: "skynet/whole", Items: 1, Work: func(int) time.Duration {
		begun := time.Now()
		top := make(chan int, 1)
		go node(top, 0, leaves)
		sum := <-top
		spent := time.Since(begun)
		rival.Require("skynet go", sum, leaves*(leaves-1)/2)
		return spent
	}})
}
