import axios, { type AxiosInstance } from 'axios';
import { readSettings } from './settings.ts';

/** Exit codes: refused or failed 1, usage 2, not found 3, conflict 4, no access or no answer 5. */
export const EXIT = { failed: 1, usage: 2, notFound: 3, conflict: 4, unreachable: 5 } as const;

/** What ends the program: one line, and its exit code. */
export class CliError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

const BY_STATUS: Record<number, number> = {
  401: EXIT.unreachable,
  403: EXIT.unreachable,
  404: EXIT.notFound,
  409: EXIT.conflict,
};

/** A cluster as the API tells of it. */
export interface ClusterView {
  id: number;
  name: string;
  status: string;
  statusMessage: string;
  version: string;
  endpoint?: string | null;
  leader?: string | null;
  nodepools?: { name: string; roles: string[]; size: number; ready: number }[];
}

/** Calls the API; its errors become one clear line. */
export class Client {
  readonly #http: AxiosInstance;
  readonly #api: string;

  constructor() {
    let settings: ReturnType<typeof readSettings>;
    try {
      settings = readSettings();
    } catch (error) {
      throw new CliError((error as Error).message, EXIT.usage);
    }
    const { api, token, organization } = settings;
    this.#api = api;
    this.#http = axios.create({
      baseURL: `${api}/api/v1/orgs/${organization}`,
      headers: { authorization: `Bearer ${token}` },
      timeout: 60_000,
      proxy: false,
      validateStatus: () => true,
    });
  }

  /** @throws CliError */
  async call<T>(method: string, path: string, data?: unknown): Promise<T> {
    const answer = await this.#http.request({ method, url: path, data }).catch((error: Error) => {
      throw new CliError(`${this.#api} does not answer: ${error.message}. Is it up? (npm start)`, EXIT.unreachable);
    });
    if (answer.status < 300) return answer.data as T;
    const { error = answer.status, message = '' } = answer.data ?? {};
    throw new CliError(`${error}: ${message}`, BY_STATUS[answer.status] ?? EXIT.failed);
  }

  /** Finds a cluster by id or by name. @throws CliError */
  async cluster(nameOrId: string): Promise<ClusterView> {
    const clusters = await this.call<ClusterView[]>('GET', '/clusters');
    const found = clusters.find(({ id, name }) => name === nameOrId || String(id) === nameOrId);
    if (!found) throw new CliError(`There is no cluster '${nameOrId}'. See: slipway list`, EXIT.notFound);
    return await this.call('GET', `/clusters/${found.id}`);
  }
}
