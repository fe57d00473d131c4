import { randomBytes, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Objects } from './objects.ts';

const PORT = 2379;
const PEER_PORT = 2380;

type Body = Record<string, never> & {
  name: string;
  user: string;
  role: string;
  password: string;
  ID: string;
  key: string;
  range_end: string;
  peerURLs: string[];
  perm: Permission;
};
interface Permission {
  permType: 'READ' | 'READWRITE';
  key: string;
  range_end?: string;
}
interface User {
  name: string;
  password?: string;
  roles: string[];
}
interface Member {
  ID: string;
  name?: string;
  peerURLs: string[];
  isLearner?: boolean;
}

/** What etcd answers where it does not do what was asked for. */
class Refusal extends Error {
  readonly status: number;
  constructor(message: string, status = 400) {
    super(`etcdserver: ${message}`);
    this.status = status;
  }
}

const text = (key: string) => Buffer.from(key, 'base64').toString();
const within = (key: string, { key: from, range_end: end }: Pick<Permission, 'key' | 'range_end'>) =>
  end ? text(key) >= text(from) && text(key) < text(end) : key === from;

/**
 * What a member of an etcd cluster is to Slipway and to the stand-in for the API server: members and learners, users and roles,
 * and keys without values. As in etcd, callers of its gateway sign in with a password; `/v3/kv/put` takes the caller for whom its
 * certificate names, as etcd does over gRPC.
 */
export class EtcdMember {
  readonly #objects: Objects;
  readonly #tokens = new Map<string, string>();

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  /** Joins as the configuration says. @throws Error where the others did not let it in */
  join(name: string, address: string, state: string): void {
    const url = `https://${address}:${PEER_PORT}`;
    const known = this.#members().find(({ peerURLs }) => peerURLs.includes(url));
    if (state === 'existing' && !known) throw new Error(`${name} has not been added to the members`);
    const member = known ?? { ID: newId(), peerURLs: [url] };
    this.#objects.put('members', member.ID, { ...member, name });
  }

  listen(address: string, tls: { cert: string; key: string; ca: string }): void {
    const authority = new X509Certificate(tls.ca).publicKey;
    const options = { ...tls, requestCert: true, rejectUnauthorized: false };
    createServer(options, async (request, response) => {
      // Node's own check takes no authority without its root.
      if (!(request.socket as TLSSocket).getPeerX509Certificate()?.verify(authority)) return request.socket.destroy();
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      let status = 200;
      let body: object;
      try {
        body = this.#answer(request, JSON.parse(Buffer.concat(chunks).toString() || '{}'));
      } catch (error) {
        status = error instanceof Refusal ? error.status : 500;
        body = { error: (error as Error).message, message: (error as Error).message };
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }).listen(PORT, address);
  }

  #members = () => this.#objects.list('members') as unknown as Member[];
  #user = (name: string) => this.#objects.get('users', name) as unknown as User | undefined;
  #enabled = () => this.#objects.get('auth', 'enabled') !== undefined;

  /** Only root may, once users and roles are on. */
  #asRoot(request: IncomingMessage): void {
    if (!this.#enabled()) return;
    const user = this.#tokens.get(String(request.headers.authorization));
    if (!user) throw new Refusal('user name is empty');
    if (user !== 'root') throw new Refusal('permission denied', 403);
  }

  #answer(request: IncomingMessage, body: Body): object {
    const path = String(request.url).replace('/v3/', '');
    if (path === 'kv/put') return this.#put(request, body);
    if (this.#enabled() && callerOf(request))
      throw new Refusal('the common name of a client is not used by the gateway');
    if (path === 'auth/authenticate') return { token: this.#signIn(body) };
    if (path === 'cluster/member/list') return { members: this.#members() };
    this.#asRoot(request);
    const does = this.#routes[path];
    if (!does) throw new Refusal(`no ${path}`, 404);
    return does(body) ?? {};
  }

  #routes: Record<string, (body: Body) => object | undefined> = {
    'auth/enable': () => {
      this.#objects.put('auth', 'enabled', {});
      return {};
    },
    'auth/user/add': ({ name, password }) => this.#add('users', 'user', name, { name, password, roles: [] }),
    'auth/role/add': ({ name }) => this.#add('roles', 'role', name, { name, permissions: [] }),
    'auth/user/grant': ({ user, role }) => {
      const found = this.#user(user);
      if (!found || !this.#objects.get('roles', role)) throw new Refusal('user or role not found');
      this.#objects.put('users', user, { ...found, roles: [...found.roles, role] });
      return {};
    },
    'auth/role/grant': ({ name, perm }) => {
      const found = this.#objects.get('roles', name) as { permissions: Permission[] } | undefined;
      if (!found) throw new Refusal('role name not found');
      this.#objects.put('roles', name, { ...found, permissions: [...found.permissions, perm] });
      return {};
    },
    'auth/user/delete': ({ name }) => this.#remove('users', 'user', name),
    'auth/role/delete': ({ role }) => this.#remove('roles', 'role', role),
    'cluster/member/add': ({ peerURLs }) => {
      if (this.#members().some(({ isLearner }) => isLearner)) throw new Refusal('too many learner members in cluster');
      const ID = newId();
      this.#objects.put('members', ID, { ID, peerURLs, isLearner: true });
      return { member: { ID } };
    },
    'cluster/member/promote': ({ ID }) => {
      const { isLearner, ...member } = (this.#objects.get('members', ID) ?? {}) as unknown as Member;
      if (!isLearner || !member.name)
        throw new Refusal('can only promote a learner member which is in sync with leader');
      this.#objects.put('members', ID, member);
      return {};
    },
    'cluster/member/remove': ({ ID }) => {
      if (!this.#objects.delete('members', ID)) throw new Refusal('member not found', 404);
      return {};
    },
    'kv/range': (range) => ({ count: String(this.#keys(range).length) }),
    'kv/deleterange': (range) => {
      const keys = this.#keys(range);
      for (const key of keys) this.#objects.delete('keys', key);
      return { deleted: String(keys.length) };
    },
  };

  #keys = (range: { key: string; range_end: string }) =>
    this.#objects
      .list('keys')
      .map(({ key }) => String(key))
      .filter((key) => within(key, range));

  #signIn({ name, password }: Body): string {
    if (!this.#enabled()) throw new Refusal('authentication is not enabled');
    if (this.#user(name)?.password !== password || !password)
      throw new Refusal('authentication failed, invalid user ID or password');
    const token = randomBytes(12).toString('hex');
    this.#tokens.set(token, name);
    return token;
  }

  #put(request: IncomingMessage, { key }: Body): object {
    const roles = this.#user(callerOf(request) ?? '')?.roles.map((role) => this.#objects.get('roles', role)) ?? [];
    const permissions = roles.flatMap((role) => (role?.permissions ?? []) as Permission[]);
    if (!permissions.some((each) => each.permType === 'READWRITE' && within(key, each)))
      throw new Refusal('permission denied', 403);
    this.#objects.put('keys', key, { key });
    return {};
  }

  #add(kind: string, word: string, name: string, value: object): object {
    if (this.#objects.get(kind, name)) throw new Refusal(`${word} name already exists`);
    this.#objects.put(kind, name, value);
    return {};
  }

  #remove(kind: string, word: string, name: string): object {
    if (!this.#objects.delete(kind, name)) throw new Refusal(`${word} name not found`);
    return {};
  }
}

/** Whom a client's certificate names, if anybody. */
const callerOf = (request: IncomingMessage) =>
  (request.socket as TLSSocket).getPeerCertificate().subject?.CN as string | undefined;

const newId = () => BigInt(`0x${randomBytes(7).toString('hex')}`).toString();
