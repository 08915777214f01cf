// SPDX-License-Identifier: BSL-1.0

package main

import "fmt"

type add struct {
	a, b  int
	reply chan int
}

func main() {
	in := make(chan add)
	go func() {
		for m := range in {
			m.reply <- m.a + m.b
		}
	}()
	reply := make(chan int)
	in <- add{1, 2, reply}
	fmt.Println(<-reply)
}
