package main

import (
	"encoding/json"
	"net"
	"net/http"
)

// serveControl answers tests: it counts, sets rules, makes and harms VMs behind everybody's back. Loopback only.
//
//	GET, DELETE /requests      the number of calls by method; DELETE forgets them and the trace
//	GET /trace                 the calls in order, each with the fault that it met
//	PUT /methods/{method}      a rule for a method, "*" for those without one; DELETE /methods clears all
//	GET, DELETE /sessions      the keys of the open sessions; DELETE ends them
//	GET, DELETE /twins         nodes that have had two VMs; DELETE forgets them
//	GET, POST, DELETE /vms     what exists; POST makes VMs of somebody else; DELETE destroys all but templates
//	GET /folders               the names of all folders
//	GET /clones, /callbacks    clones so far and at once, which DELETE counts anew; callbacks of light guests
//	POST /vms/{name}/kill      destroys a VM; /poweroff switches it off
func serveControl(listen string, f *front, g *guests, t *twins) (string, error) {
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
	mux.HandleFunc("DELETE /requests", done(func(*http.Request) error { f.reset(); return nil }))
	mux.HandleFunc("GET /trace", func(w http.ResponseWriter, _ *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		answer(w, f.trace)
	})
	mux.HandleFunc("PUT /methods/{method}", done(func(r *http.Request) error {
		var set rule
		if err := json.NewDecoder(r.Body).Decode(&set); err != nil {
			return err
		}
		f.setRule(r.PathValue("method"), &set)
		return nil
	}))
	mux.HandleFunc("DELETE /methods", done(func(*http.Request) error { f.clearRules(); return nil }))
	mux.HandleFunc("GET /sessions", func(w http.ResponseWriter, _ *http.Request) {
		keys, err := f.sessions()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, keys)
	})
	mux.HandleFunc("DELETE /sessions", done(func(*http.Request) error {
		keys, err := f.sessions()
		for _, key := range keys {
			// One that ended meanwhile is what is wanted.
			_ = f.endSession(key)
		}
		return err
	}))
	mux.HandleFunc("GET /twins", func(w http.ResponseWriter, _ *http.Request) { answer(w, t.list()) })
	mux.HandleFunc("DELETE /twins", done(func(*http.Request) error { t.clear(); return nil }))
	mux.HandleFunc("GET /vms", func(w http.ResponseWriter, _ *http.Request) { answer(w, g.list()) })
	mux.HandleFunc("GET /folders", func(w http.ResponseWriter, _ *http.Request) { answer(w, folders(g.model)) })
	mux.HandleFunc("GET /clones", func(w http.ResponseWriter, _ *http.Request) { answer(w, g.watch.counted()) })
	mux.HandleFunc("DELETE /clones", done(func(*http.Request) error { g.watch.forget(); return nil }))
	mux.HandleFunc("GET /callbacks", func(w http.ResponseWriter, _ *http.Request) { answer(w, g.light.heard()) })
	mux.HandleFunc("POST /vms", done(func(r *http.Request) error {
		var all []planted
		if err := json.NewDecoder(r.Body).Decode(&all); err != nil {
			return err
		}
		return plant(g.model, all, t)
	}))
	mux.HandleFunc("DELETE /vms", done(func(*http.Request) error { return clearMachines(g.model) }))
	mux.HandleFunc("POST /vms/{name}/kill", done(func(r *http.Request) error {
		return destroy(g.model, r.PathValue("name"), false)
	}))
	mux.HandleFunc("POST /vms/{name}/poweroff", done(func(r *http.Request) error {
		return destroy(g.model, r.PathValue("name"), true)
	}))
	go func() { _ = http.Serve(listener, mux) }()
	return "http://" + listener.Addr().String(), nil
}

// done makes a handler of what has no answer but its success.
func done(do func(*http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer(w, map[string]string{})
	}
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
