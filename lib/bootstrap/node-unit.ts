/**
 * The systemd unit that runs the node program. cloud-init runs a command once in the life of a machine, and would not run the
 * program again after a reset in the middle of it; systemd does, at each boot until the node is ready, and at once where it was
 * killed. One that gave up has said so, and has to wait for the next boot. `Restart=` is not for `Type=oneshot` before systemd 244.
 */
export const NODE_UNIT = {
  name: 'slipway-node.service',
  content: `[Unit]
Description=Become a node of the Kubernetes cluster
Documentation=file:/var/log/slipway.log
Wants=network-online.target
After=network-online.target
ConditionPathExists=!/var/lib/slipway/ready
[Service]
Type=simple
ExecStart=/bin/sh /var/lib/slipway/node-program.sh
Restart=on-abnormal
RestartSec=5
[Install]
WantedBy=multi-user.target
`,
};
