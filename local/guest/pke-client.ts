/**
 * The calls that pke makes, as they were recorded of its program (the last one of 2022, run by hand: docs/pke.md): methods,
 * paths, the order of the query and of the body's fields, headers, which answers are taken, and which calls are made again.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Where and as whom pke calls: its `--pipeline-*` flags, and the machine's host name and address. */
export interface PkeCaller {
  url: string;
  token: string;
  organization: number;
  cluster: number;
  pool: string;
  hostname: string;
  ip: string;
}

/** A call as it was made. */
export interface PkeCall {
  method: string;
  path: string;
  status: number;
}

/** An answer that pke does not go on with. */
export class PkeRefused extends Error {
  override readonly name = 'PkeRefused';
}

interface Answer {
  status: number;
  body: unknown;
}

/** A Go map or struct of strings, as JSON has it. */
type Fields = Record<string, unknown>;

/** Where the program goes on for ever. */
const MOST_TRIES = 300;

export class PkeClient {
  readonly #caller: PkeCaller;
  readonly #pauseMs: number;
  #processId = '';
  readonly calls: PkeCall[] = [];

  /** @param pauseMs between two tries; the program's begins with 2 s and grows to a minute */
  constructor(caller: PkeCaller, pauseMs = 200) {
    this.#caller = caller;
    this.#pauseMs = pauseMs;
  }

  /** Makes a call until its answer is one that the program takes: any below 400 for a GET, any below 500 for a POST. */
  async #call(method: 'GET' | 'POST', path: string, body?: Fields): Promise<Answer> {
    const { url, token, organization } = this.#caller;
    const full = `/api/v1/orgs/${organization}${path}`;
    for (let tries = MOST_TRIES; tries > 0; tries--) {
      const answer = await fetch(`${url}${full}`, {
        method,
        headers: {
          'user-agent': 'pke/1.0.0/go',
          accept: 'application/json',
          authorization: `Bearer ${token}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        // Go's encoder leaves empty fields out, and ends with a newline.
        body: body && `${JSON.stringify(present(body))}\n`,
      });
      const text = await answer.text();
      this.calls.push({ method, path: full, status: answer.status });
      if (answer.status < (method === 'GET' ? 400 : 500)) return { status: answer.status, body: decode(answer, text) };
      await sleep(this.#pauseMs);
    }
    throw new PkeRefused(`${method} ${full} was asked ${MOST_TRIES} times in vain`);
  }

  #cluster(rest: string): string {
    return `/clusters/${this.#caller.cluster}/${rest}`;
  }

  /** Reports a phase. The program never tells its address here; what is answered but the process's id, it ignores. */
  async report(phase: string, status: string, message: string, final = false): Promise<void> {
    const { hostname: name, pool: nodePool } = this.#caller;
    const timestamp = new Date().toISOString();
    const processId = this.#processId;
    const { body } = await this.#call('POST', this.#cluster('pke/status'), {
      ...{ name, nodePool, message, phase, final, status, timestamp, processId },
    });
    this.#processId ||= text(body, 'processId');
  }

  /** The certificate authorities. @throws PkeRefused where there is not one secret, or a value is no string */
  async certificates(): Promise<Record<string, string>> {
    const query = `tags=clusterID%3A${this.#caller.cluster}&type=pkecert&values=true`;
    const { body } = await this.#call('GET', `/secrets?${query}`);
    if (!Array.isArray(body) || body.length !== 1) throw new PkeRefused('multiple or none PKE certificates');
    const secret = body[0] as Fields;
    for (const field of ['id', 'name', 'type', 'updatedBy']) text(secret, field);
    if (secret.updatedAt !== undefined && !Date.parse(text(secret, 'updatedAt'))) throw new PkeRefused('updatedAt');
    const values = secret.values as Fields;
    return Object.fromEntries(CERTIFICATES.map((name) => [name, required(values, name)]));
  }

  /**
   * Asks to lead, in the master mode `ha` alone. Whatever is neither 409 nor asked again counts as the leadership.
   * @returns whether this machine leads
   */
  async lead(): Promise<boolean> {
    const { hostname, ip } = this.#caller;
    const { status } = await this.#call('POST', this.#cluster('pke/leader'), { hostname, ip });
    if (status !== 409) return true;
    const { body } = await this.#call('GET', this.#cluster('pke/leader'));
    return text(body, 'hostname') === hostname && text(body, 'ip') === ip;
  }

  /** Waits until a master is ready. The program's pauses begin with 1 s and grow to 30 s. */
  async awaitMaster(): Promise<void> {
    for (let tries = MOST_TRIES; tries > 0; tries--) {
      const { body } = await this.#call('GET', this.#cluster('pke/ready'));
      const { ready } = (body as { master?: { ready?: unknown } }).master ?? {};
      if (ready !== undefined && typeof ready !== 'boolean') throw new PkeRefused('master.ready is no boolean');
      if (ready) return;
      await sleep(this.#pauseMs);
    }
    throw new PkeRefused('no master was ready');
  }

  /** What `kubeadm join` needs. @throws PkeRefused where a part is empty */
  async bootstrap(): Promise<{ address: string; token: string; hash: string }> {
    const { body } = await this.#call('GET', this.#cluster('bootstrap'));
    return {
      address: required(body, 'masterAddress'),
      token: required(body, 'token'),
      hash: required(body, 'discoveryTokenCaCertHash'),
    };
  }

  /** Says that the machine is ready; a master with its admin kubeconfig. @throws PkeRefused */
  async ready(kubeconfig?: string): Promise<void> {
    const { hostname: name, pool: nodePool, ip } = this.#caller;
    const config = kubeconfig && Buffer.from(kubeconfig).toString('base64');
    const { status } = await this.#call('POST', this.#cluster('pke/ready'), { config, name, nodePool, ip });
    if (status >= 300) throw new PkeRefused(`post node ready call failed.: ${status}`);
  }
}

const CERTIFICATES = [
  ...['etcdCaCert', 'etcdCaKey', 'kubernetesCaSigningCert', 'kubernetesCaCert', 'kubernetesCaKey'],
  ...['frontProxyCaCert', 'frontProxyCaKey', 'saPub', 'saKey', 'enc'],
];

const present = (body: Fields) => Object.fromEntries(Object.entries(body).filter(([, value]) => value));

/** An empty body is taken; any other must be JSON that says so. @throws PkeRefused */
function decode(answer: Response, text: string): unknown {
  if (text === '') return {};
  const type = answer.headers.get('content-type') ?? '';
  if (!/^(application|text)\/(vnd\.[^;]+\+|problem\+)?json/i.test(type))
    throw new PkeRefused('undefined response type');
  return JSON.parse(text);
}

/** A string field, empty where it is left out. @throws PkeRefused where it is something else */
function text(body: unknown, field: string): string {
  const value = (body as Fields)[field] ?? '';
  if (typeof value !== 'string') throw new PkeRefused(`${field} is no string`);
  return value;
}

/** A string field that must be there. @throws PkeRefused */
function required(body: unknown, field: string): string {
  const value = text(body, field);
  if (!value) throw new PkeRefused(`${field} is missing`);
  return value;
}
