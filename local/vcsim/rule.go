package main

import (
	"math/rand"
	"net/http"
)

// anyMethod is the rule for methods without one of their own.
const anyMethod = "*"

// rule is what happens to calls of a method.
type rule struct {
	DelayMs int `json:"delayMs"`
	// Fail is "before" or "after" the effect; the call passes where it is empty.
	Fail string `json:"fail"`
	// Fault is the name of a vSphere fault, or: "503", "reset" (the connection is closed), "hang" (no answer until the caller
	// gives up), "kill" (the process that called is killed), "expired" (the session ends before the call), "task" (the call
	// returns a task that ends in error).
	Fault string `json:"fault"`
	// HangMs is how long a call hangs at most; 0: two minutes.
	HangMs int `json:"hangMs"`
	// Times is how often; 0: always.
	Times int `json:"times"`
	// Skip is how many calls pass before the first that fails.
	Skip int `json:"skip"`
	// OneIn makes one call in so many fail, by chance from Seed; 0: every call.
	OneIn int   `json:"oneIn"`
	Seed  int64 `json:"seed"`
	// Hide makes the VM that a clone has just made impossible to find for callers, renames it, and leaves it off.
	Hide bool `json:"hide"`

	chance *rand.Rand
}

// setRule sets what happens to calls of a method.
func (f *front) setRule(method string, set *rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	set.chance = rand.New(rand.NewSource(set.Seed))
	f.rules[method] = set
}

// take counts a call and returns the rule for it, and whether it fails by that.
func (f *front) take(method string, r *http.Request) (rule, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[method]++
	taken, hit := f.decide(method, r)
	seen := traced{Method: method, Session: sessionOf(r) != ""}
	if hit {
		seen.Fault = taken.Fail + " " + taken.Fault
	}
	if len(f.trace) < maxTrace {
		f.trace = append(f.trace, seen)
	}
	return taken, hit
}

func (f *front) decide(method string, r *http.Request) (rule, bool) {
	key := method
	if f.rules[key] == nil {
		key = anyMethod
	}
	found := f.rules[key]
	if found == nil {
		return rule{}, false
	}
	if found.Fault == "expired" && sessionOf(r) == "" {
		return rule{}, false
	}
	if found.Skip > 0 {
		found.Skip--
		return rule{}, false
	}
	if found.OneIn > 0 && found.chance.Intn(found.OneIn) != 0 {
		return rule{}, false
	}
	taken := *found
	if found.Times > 0 {
		if found.Times--; found.Times == 0 {
			delete(f.rules, key)
		}
	}
	return taken, taken.Fail != ""
}
