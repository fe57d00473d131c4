package main

import (
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"
)

// attributes makes a specification of attributes by their types. Those in required must be there.
func attributes(types map[cty.Type][]string, required ...string) hcldec.ObjectSpec {
	spec := hcldec.ObjectSpec{}
	for kind, names := range types {
		for _, name := range names {
			spec[name] = &hcldec.AttrSpec{Name: name, Type: kind}
		}
	}
	for _, name := range required {
		spec[name].(*hcldec.AttrSpec).Required = true
	}
	return spec
}

// vsphereISO has the attributes of the vsphere-iso builder that make sense for an image, with their types.
// https://vmware.github.io/packer-plugin-vsphere/
var vsphereISO = func() hcldec.ObjectSpec {
	spec := attributes(map[cty.Type][]string{
		cty.String: {
			"vcenter_server", "username", "password", "datacenter", "cluster", "host", "resource_pool", "datastore", "folder",
			"vm_name", "notes", "guest_os_type", "firmware", "iso_url", "iso_checksum", "cdrom_type", "cd_label",
			"boot_order", "boot_wait", "boot_keygroup_interval", "http_ip", "http_interface", "ip_wait_timeout", "ip_settle_timeout",
			"communicator", "ssh_host", "ssh_username", "ssh_private_key_file", "ssh_timeout",
			"shutdown_command", "shutdown_timeout", "snapshot_name",
		},
		cty.Bool: {
			"insecure_connection", "convert_to_template", "create_snapshot", "remove_cdrom", "CPU_hot_plug", "RAM_hot_plug",
			"RAM_reserve_all", "tools_sync_time", "set_host_for_datastore_uploads",
		},
		cty.Number: {"vm_version", "CPUs", "cpu_cores", "RAM", "video_ram", "http_port_min", "http_port_max", "ssh_port", "ssh_handshake_attempts"},
		cty.List(cty.String): {
			"disk_controller_type", "iso_urls", "iso_paths", "cd_files", "floppy_files", "boot_command",
		},
		cty.Map(cty.String): {"cd_content", "http_content", "configuration_parameters"},
	}, "vcenter_server", "username", "password", "vm_name", "guest_os_type", "ssh_username")
	spec["storage"] = &hcldec.BlockListSpec{TypeName: "storage", MinItems: 1, Nested: attributes(map[cty.Type][]string{
		cty.Number: {"disk_size", "disk_controller_index"},
		cty.Bool:   {"disk_thin_provisioned", "disk_eagerly_scrub"},
	}, "disk_size")}
	spec["network_adapters"] = &hcldec.BlockListSpec{TypeName: "network_adapters", MinItems: 1, Nested: attributes(map[cty.Type][]string{
		cty.String: {"network", "network_card", "mac_address"},
		cty.Bool:   {"passthrough"},
	}, "network_card")}
	return spec
}()

// provisioners are those that the templates use.
// https://developer.hashicorp.com/packer/docs/provisioners
var provisioners = map[string]hcldec.ObjectSpec{
	"file": attributes(map[cty.Type][]string{cty.String: {"source", "destination"}}, "source", "destination"),
	"shell": attributes(map[cty.Type][]string{
		cty.String:           {"execute_command"},
		cty.List(cty.String): {"scripts", "environment_vars"},
	}, "scripts"),
}
