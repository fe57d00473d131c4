import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guestinfo, quote, renderMetadata, renderUserData } from '../../../lib/bootstrap/index.ts';
import { decodeUserData } from '../../../local/guest/cloud-init.ts';
import { describeNode } from '../../fixtures/describe-node.ts';

const description = describeNode({
  node: { labels: { tier: 'front' } },
  token: 'the-token',
  ssh: { user: 'ops', keys: ['ssh-ed25519 AAAA eve'] },
});

test('a quoted value reaches a POSIX shell unchanged', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0') && !value.endsWith('\n'));
  fc.assert(
    fc.property(text, (value) => {
      expect(execFileSync('sh', ['-c', `printf %s ${quote(value)}`], { encoding: 'utf8' })).toBe(value);
    }),
    { numRuns: 100 },
  );
});

describe('the user data', () => {
  const config = decodeUserData(
    guestinfo({ userData: renderUserData(description), metadata: renderMetadata({ instanceId: 'i', hostname: 'h' }) }),
  );

  test('is decoded by cloud-init’s rules, with host name and SSH keys', () => {
    expect(config).toMatchObject({
      hostname: 'demo-workers-01',
      users: [{ name: 'ops', ssh_authorized_keys: description.ssh.keys }],
    });
  });
  test('has the token in one file that only root reads', () => {
    const holders = config.write_files.filter(({ content }) => content.includes('the-token'));
    expect(holders.map(({ path, permissions }) => [path, permissions])).toEqual([
      ['/etc/slipway/authorization', '0600'],
    ]);
    expect(JSON.stringify(config.runcmd)).not.toContain('the-token');
  });
  test('has no list of SSH keys where there are none: cloud-init’s schema refuses an empty one', () => {
    const text = renderUserData({ ...description, ssh: { user: 'ops', keys: [] } });
    expect(text).toContain('"name":"ops"');
    expect(text).not.toContain('ssh_authorized_keys');
  });
});

describe('the metadata', () => {
  const decode = (text: string) =>
    JSON.parse(
      gunzipSync(
        Buffer.from(guestinfo({ userData: '', metadata: text })['guestinfo.metadata'] ?? '', 'base64'),
      ).toString(),
    );

  test('has no network where DHCP gives the address', () => {
    expect(decode(renderMetadata({ instanceId: 'i', hostname: 'h' }))).toEqual({
      'instance-id': 'i',
      'local-hostname': 'h',
    });
  });

  test('has the first NIC’s address, found by the MAC address; the others ask DHCP, but not for the way out', () => {
    const network = {
      address: '10.0.0.20',
      prefix: 24,
      gateway: '10.0.0.1',
      nameservers: ['10.0.0.2'],
      searchDomains: ['lab'],
      nics: ['00:50:56:00:00:14', '00:50:56:04:00:14'],
    };
    expect(decode(renderMetadata({ instanceId: 'i', hostname: 'h', network }))).toMatchObject({
      'wait-on-network': { ipv4: true },
      network: {
        version: 2,
        ethernets: {
          nic0: {
            match: { macaddress: '00:50:56:00:00:14' },
            addresses: ['10.0.0.20/24'],
            gateway4: '10.0.0.1',
            nameservers: { addresses: ['10.0.0.2'], search: ['lab'] },
          },
          nic1: { match: { macaddress: '00:50:56:04:00:14' }, dhcp4: true, 'dhcp4-overrides': { 'use-routes': false } },
        },
      },
    });
  });
});

test.each(['dash', 'bash'])('the node’s programs are well-formed for %s', (shell) => {
  const programs = readdirSync('lib/bootstrap').filter((file) => file.endsWith('.sh'));
  for (const file of programs) expect(() => execFileSync(shell, ['-n', `lib/bootstrap/${file}`])).not.toThrow();
});
