package main

import (
	"encoding/json"
	"net"
	"net/http"
)

// serveControl answers tests: it counts, sets rules, and harms VMs behind everybody's back. Loopback only.
func serveControl(listen string, f *front, g *guests) (string, error) {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /requests", func(w http.ResponseWriter, _ *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		answer(w, f.counts)
	})
	mux.HandleFunc("DELETE /requests", func(w http.ResponseWriter, _ *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.counts = map[string]int{}
		answer(w, f.counts)
	})
	mux.HandleFunc("PUT /methods/{method}", func(w http.ResponseWriter, r *http.Request) {
		var set rule
		if err := json.NewDecoder(r.Body).Decode(&set); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.rules[r.PathValue("method")] = &set
		answer(w, set)
	})
	mux.HandleFunc("DELETE /methods", func(w http.ResponseWriter, _ *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.rules = map[string]*rule{}
		answer(w, f.rules)
	})
	mux.HandleFunc("GET /vms", func(w http.ResponseWriter, _ *http.Request) { answer(w, g.list()) })
	mux.HandleFunc("GET /clones", func(w http.ResponseWriter, _ *http.Request) { answer(w, g.watch.counted()) })
	mux.HandleFunc("GET /callbacks", func(w http.ResponseWriter, _ *http.Request) { answer(w, g.light.heard()) })
	harm := func(powerOffOnly bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := destroy(g.model, r.PathValue("name"), powerOffOnly); err != nil {
				http.Error(w, err.Error(), http.StatusNotFound)
				return
			}
			answer(w, map[string]string{})
		}
	}
	mux.HandleFunc("POST /vms/{name}/kill", harm(false))
	mux.HandleFunc("POST /vms/{name}/poweroff", harm(true))
	go func() { _ = http.Serve(listener, mux) }()
	return "http://" + listener.Addr().String(), nil
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
