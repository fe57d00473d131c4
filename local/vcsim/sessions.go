package main

import (
	"context"
	"net/http"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// sessionOf is the key of the session that a request belongs to.
func sessionOf(r *http.Request) string {
	cookie, err := r.Cookie(soap.SessionCookieName)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// sessions returns the keys of the sessions that are open.
func (f *front) sessions() ([]string, error) {
	keys := []string{}
	err := withClient(f.model, func(ctx context.Context, client *vim25.Client) error {
		var manager mo.SessionManager
		self := *client.ServiceContent.SessionManager
		if err := property.DefaultCollector(client).RetrieveOne(ctx, self, []string{"sessionList"}, &manager); err != nil {
			return err
		}
		for _, session := range manager.SessionList {
			keys = append(keys, session.Key)
		}
		return nil
	})
	return keys, err
}

// endSession ends a session behind its owner's back.
func (f *front) endSession(key string) error {
	return withClient(f.model, func(ctx context.Context, client *vim25.Client) error {
		_, err := methods.TerminateSession(ctx, client, &types.TerminateSession{
			This: *client.ServiceContent.SessionManager, SessionId: []string{key},
		})
		return err
	})
}
