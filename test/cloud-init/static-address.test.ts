import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guestinfo, renderMetadata, renderUserData } from '../../lib/bootstrap/index.ts';
import { describeNode } from '../fixtures/describe-node.ts';
import { able, type Booted, firstBoot } from './first-boot.ts';

const NETWORK = {
  ...{ address: '10.0.0.20', prefix: 24, gateway: '10.0.0.1', nameservers: ['10.0.0.2', '10.0.0.3'] },
  searchDomains: ['lab.example.com'],
  nics: ['00:50:56:00:00:14', '00:50:56:04:00:14'],
};

describe.skipIf(!able).each(['eni', 'netplan'])(
  'a node with an address of its own, on an image with %s',
  (renderer) => {
    let node: Booted;
    beforeAll(async () => {
      const userData = renderUserData(describeNode({ node: { address: NETWORK.address } }));
      const metadata = renderMetadata({ instanceId: 'i-1', hostname: 'demo-workers-01', network: NETWORK });
      node = await firstBoot(guestinfo({ userData, metadata }), 'plain', { macAddresses: NETWORK.nics, renderer });
    });
    afterAll(() => node?.dispose());

    test('is told by the VMware datasource, without a warning', () => {
      expect(JSON.parse(node.read('run/cloud-init/result.json')).v1).toEqual({
        datasource: 'DataSourceVMware',
        errors: [],
      });
      expect(node.read('var/log/cloud-init.log').match(/.*\[(WARNING|ERROR|CRITICAL)\].*/g)).toBeNull();
      expect(node.read('answers/schema')).toMatch(/^Valid cloud-config/);
    });

    if (renderer === 'eni') {
      test('has it on its first NIC, whatever that is called in the guest, and asks DHCP on the other', () => {
        const written = node.read('etc/network/interfaces.d/50-cloud-init');
        expect(written).toMatch(/^iface ens224 inet static$/m);
        expect(written).toMatch(/^ +address 10\.0\.0\.20\/24$/m);
        expect(written).toMatch(/^ +dns-nameservers 10\.0\.0\.2 10\.0\.0\.3$/m);
        expect(written).toMatch(/^ +dns-search lab\.example\.com$/m);
        expect(written).toMatch(/^iface ens192 inet dhcp$/m);
      });

      test('comes up with it, and with the way out', () => {
        expect(node.read('answers/addresses')).toMatch(/ens224 +inet 10\.0\.0\.20\/24 /);
        expect(node.read('answers/routes')).toMatch(/^default via 10\.0\.0\.1 dev ens224/m);
      });
    } else {
      test('has it on its first NIC by netplan, which makes of it what systemd-networkd reads', () => {
        const first = node.read('run/systemd/network/10-netplan-nic0.network');
        expect(first).toMatch(/^(PermanentMACAddress|MACAddress)=00:50:56:00:00:14$/m);
        for (const line of ['Address=10.0.0.20/24', 'DNS=10.0.0.2', 'DNS=10.0.0.3', 'Domains=lab.example.com'])
          expect(first.split('\n')).toContain(line);
        expect(first).toMatch(/^Gateway=10\.0\.0\.1$/m);
        expect(first).not.toMatch(/^DHCP=/m);
        const second = node.read('run/systemd/network/10-netplan-nic1.network');
        expect(second).toMatch(/^DHCP=ipv4$/m);
        expect(second).toMatch(/^UseRoutes=false$/m);
      });
    }

    test('joins with it', () => {
      expect(node.read('answers/tools')).toMatch(/kubeadm join/);
      expect(node.read('var/log/slipway.log')).toMatch(/ready$/m);
    });
  },
);
