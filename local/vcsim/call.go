package main

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"log"
	"net/http"
	"strings"
	"time"
)

// call is one request of a client.
type call struct {
	front  *front
	next   http.Handler
	w      http.ResponseWriter
	r      *http.Request
	method string
	body   []byte
}

// forward passes the call on and writes the answer to w.
func (c call) forward(w http.ResponseWriter) {
	hidden := c.front.isHiding()
	if !hidden || c.method == "CloneVM_Task" {
		c.send(w, c.body)
		return
	}
	answer := &kept{header: http.Header{}, status: http.StatusOK}
	c.send(answer, c.front.conceal(c.body))
	for name, values := range answer.header {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(c.front.conceal(answer.body.Bytes()))
}

func (c call) send(w http.ResponseWriter, body []byte) {
	request := c.r.Clone(c.r.Context())
	request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	c.next.ServeHTTP(w, request)
}

// fail lets a call go wrong, before or after its effect.
func (c call) fail(how rule) {
	if how.Fault == "expired" {
		if err := c.front.endSession(sessionOf(c.r)); err != nil {
			log.Printf("ending a session: %v", err)
		}
		c.forward(c.w)
		return
	}
	if how.Hide {
		// A guest that boots would tell Slipway of itself.
		c.body = bytes.Replace(c.body, []byte("powerOn>true<"), []byte("powerOn>false<"), 1)
	}
	if how.Fail == "after" {
		c.forward(&kept{header: http.Header{}})
		if how.Hide {
			c.front.hide(c.body)
		}
	}
	switch how.Fault {
	case "503":
		http.Error(c.w, "503 Service Unavailable", http.StatusServiceUnavailable)
	case "reset":
		c.hangUp()
	case "hang":
		limit := time.Duration(how.HangMs) * time.Millisecond
		if limit == 0 {
			limit = 2 * time.Minute
		}
		select {
		case <-c.r.Context().Done():
		case <-time.After(limit):
		}
		c.hangUp()
	case "kill":
		if err := killPeer(c.r); err != nil {
			log.Printf("killing who called %s: %v", c.method, err)
		}
		c.hangUp()
	case "task":
		reference, err := c.front.failedTask(c.method, c.body)
		if err != nil {
			http.Error(c.w, err.Error(), http.StatusInternalServerError)
			return
		}
		c.soap(http.StatusOK, fmt.Sprintf(`<%sResponse xmlns="urn:vim25"><returnval type="Task">%s</returnval></%sResponse>`, c.method, reference, c.method))
	default:
		name := html.EscapeString(how.Fault)
		c.soap(http.StatusInternalServerError, fmt.Sprintf(`<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>%s as told by the control endpoint</faultstring><detail><%sFault xmlns="urn:vim25" xsi:type="%s"></%sFault></detail></soapenv:Fault>`, html.EscapeString(c.method), name, name, name))
	}
}

func (c call) soap(status int, body string) {
	c.w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	c.w.WriteHeader(status)
	_, _ = fmt.Fprintf(c.w, `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>%s</soapenv:Body></soapenv:Envelope>`, strings.TrimSpace(body))
}

// hangUp closes the connection without an answer.
func (c call) hangUp() {
	if hijacker, ok := c.w.(http.Hijacker); ok {
		if connection, _, err := hijacker.Hijack(); err == nil {
			_ = connection.Close()
		}
	}
}

// kept is an answer that the caller does not get, or not yet.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header         { return k.header }
func (k *kept) Write(b []byte) (int, error) { return k.body.Write(b) }
func (k *kept) WriteHeader(status int)      { k.status = status }
