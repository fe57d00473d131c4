import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { z } from 'zod';

const schema = z.object({
  hostname: z.string(),
  users: z.array(z.object({ name: z.string(), ssh_authorized_keys: z.array(z.string()).default([]) })).default([]),
  write_files: z.array(z.object({ path: z.string(), content: z.string(), permissions: z.string() })).default([]),
  runcmd: z.array(z.array(z.string())).default([]),
});
export type CloudConfig = z.infer<typeof schema>;

/** Decodes a guest's user data as cloud-init's VMware datasource does. */
export function decodeUserData(extraConfig: Record<string, string>): CloudConfig {
  const { 'guestinfo.userdata': data = '', 'guestinfo.userdata.encoding': encoding } = extraConfig;
  const bytes = Buffer.from(data, encoding ? 'base64' : 'utf8');
  const text = (encoding?.startsWith('gzip') ? gunzipSync(bytes) : bytes).toString();
  if (!text.startsWith('#cloud-config\n')) throw new Error('user data is not a #cloud-config');
  return schema.parse(parse(text));
}

/** Writes a config's files and users' keys below a root directory. */
export function writeFiles(config: CloudConfig, rootfs: string): void {
  const write = (path: string, content: string, mode: number) => {
    const file = join(rootfs, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode });
  };
  for (const { path, content, permissions } of config.write_files)
    write(path, content, Number.parseInt(permissions, 8));
  for (const { name, ssh_authorized_keys: keys } of config.users)
    write(`/home/${name}/.ssh/authorized_keys`, keys.join('\n'), 0o600);
}
