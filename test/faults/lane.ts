import type { Cloud } from '../../local/cloud/index.ts';
import type { Api } from './api.ts';

/** A rule of the simulator's front: local/vcsim/rule.go says what each field means. */
export interface Rule {
  fail: 'before' | 'after';
  fault: string;
  times?: number;
  skip?: number;
  oneIn?: number;
  seed?: number;
  hide?: boolean;
}

/** A call that was seen: whether it came in a session, and the fault that it met. */
export interface Call {
  method: string;
  session: boolean;
  fault?: string;
}

/** A VM as the simulator tells of it. */
export interface Vm {
  name: string;
  instanceUuid: string;
  power: string;
  template: boolean;
  marks: Record<string, string>;
}

const CLUSTER_MARK = 'guestinfo.slipway.cluster';

/** A vCenter of its own, with its control endpoint and a connection of the product to it. */
export class Lane {
  readonly api: Api;
  readonly number: number;
  readonly #control: string;
  readonly #vcenter: Cloud['vcenter'];
  #rounds = 0;
  #folders: string[] = [];

  constructor(api: Api, number: number, control: string, vcenter: Cloud['vcenter']) {
    this.api = api;
    this.number = number;
    this.#control = control;
    this.#vcenter = vcenter;
  }

  /** Registers a new connection to this vCenter, so that no function knows it yet, and forgets what was. */
  async begin(): Promise<{ connection: string; cluster: string }> {
    const suffix = `${this.number}-${++this.#rounds}`;
    await this.control('DELETE', '/methods');
    await this.control('DELETE', '/sessions');
    await this.control('DELETE', '/twins');
    await this.control('DELETE', '/requests');
    this.#folders = await this.control('GET', '/folders');
    const { body } = await this.api.call('POST', '/secrets', {
      name: `lane-${suffix}`,
      type: 'vsphere',
      values: { ...this.#vcenter, defaultNodeTemplate: 'ubuntu-24.04' },
    });
    if (!body.id) throw new Error(`no connection: ${JSON.stringify(body)}`);
    return { connection: `lane-${suffix}`, cluster: `round-${suffix}` };
  }

  // biome-ignore lint/suspicious/noExplicitAny: callers read what they expect
  async control(method: string, path: string, body?: object): Promise<any> {
    const answer = await fetch(`${this.#control}${path}`, { method, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return await answer.json();
  }

  async arm(method: string, rule: Rule): Promise<void> {
    await this.control('PUT', `/methods/${encodeURIComponent(method)}`, rule);
  }

  async disarm(): Promise<void> {
    await this.control('DELETE', '/methods');
  }

  /** The calls since the last `forget`, in order. */
  async trace(): Promise<Call[]> {
    return await this.control('GET', '/trace');
  }

  async forget(): Promise<void> {
    await this.control('DELETE', '/requests');
  }

  /** VMs that bear Slipway's marks. */
  async vms(clusterId?: number): Promise<Vm[]> {
    const all: Vm[] = await this.control('GET', '/vms');
    return all.filter(
      ({ template, marks }) =>
        !template &&
        marks[CLUSTER_MARK] !== undefined &&
        (clusterId === undefined || marks[CLUSTER_MARK] === String(clusterId)),
    );
  }

  /** Folders that were not there when the lane began. */
  async newFolders(): Promise<string[]> {
    const names: string[] = await this.control('GET', '/folders');
    const before = [...this.#folders];
    return names.filter((name) => {
      const index = before.indexOf(name);
      if (index >= 0) before.splice(index, 1);
      return index < 0;
    });
  }

  async sessions(): Promise<number> {
    return (await this.control('GET', '/sessions')).length;
  }

  /** Nodes that have had two VMs at a time. */
  async twins(): Promise<string[]> {
    return await this.control('GET', '/twins');
  }
}
