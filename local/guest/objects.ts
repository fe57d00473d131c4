import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a cluster's etcd would hold: one file an object, shared by its control-plane guests, so that it outlives each of them. */
export class Objects {
  readonly #directory: string;

  /** @param ca the cluster's CA, which tells one cluster from another */
  constructor(shared: string, ca: string) {
    this.#directory = join(shared, createHash('sha256').update(ca).digest('hex').slice(0, 16));
  }

  #file(kind: string, name: string): string {
    const directory = join(this.#directory, kind);
    mkdirSync(directory, { recursive: true });
    return join(directory, encodeURIComponent(name));
  }

  get(kind: string, name: string): Record<string, unknown> | undefined {
    const file = this.#file(kind, name);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  }

  put(kind: string, name: string, value: unknown): void {
    writeFileSync(this.#file(kind, name), JSON.stringify(value), { mode: 0o600 });
  }

  delete(kind: string, name: string): boolean {
    const file = this.#file(kind, name);
    if (!existsSync(file)) return false;
    rmSync(file);
    return true;
  }

  list(kind: string): Record<string, unknown>[] {
    const directory = join(this.#directory, kind);
    if (!existsSync(directory)) return [];
    return readdirSync(directory).map((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')));
  }
}
