package main

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// callbacks are the calls of the node protocol that the light guests made, each with the time until its answer was read.
type callbacks struct {
	mu     sync.Mutex
	took   []time.Duration
	counts map[string]int
}

var identifier = regexp.MustCompile(`/\d+`)

func (c *callbacks) add(method, address string, status int, took time.Duration) {
	path := address
	if parsed, err := url.Parse(address); err == nil {
		path = parsed.Path
	}
	if i := strings.Index(path, "/orgs/"); i >= 0 {
		path = path[i:]
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took = append(c.took, took)
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[fmt.Sprintf("%s %s %d", method, identifier.ReplaceAllString(path, "/*"), status)]++
}

// summary has their number, percentiles of the time to an answer in milliseconds, and the number by route and status.
func (c *callbacks) summary() map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	sorted := slices.Sorted(slices.Values(c.took))
	at := func(share float64) float64 {
		if len(sorted) == 0 {
			return 0
		}
		i := min(int(share*float64(len(sorted))), len(sorted)-1)
		return float64(sorted[i].Microseconds()) / 1000
	}
	return map[string]any{"count": len(sorted), "p50Ms": at(0.5), "p99Ms": at(0.99), "maxMs": at(1), "routes": c.counts}
}
