package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
)

// toldAddress is the address that a guest's metadata gives its first NIC, as cloud-init reads it. Without one it is empty: the
// guest asks DHCP, which is us.
func toldAddress(data map[string]string) string {
	packed, err := base64.StdEncoding.DecodeString(data["guestinfo.metadata"])
	if err != nil {
		return ""
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return ""
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		return ""
	}
	var metadata struct {
		Network struct {
			Ethernets map[string]struct{ Addresses []string }
		}
	}
	if json.Unmarshal(text, &metadata) != nil {
		return ""
	}
	first := metadata.Network.Ethernets["nic0"]
	if len(first.Addresses) == 0 {
		return ""
	}
	address, _, _ := strings.Cut(first.Addresses[0], "/")
	return address
}
