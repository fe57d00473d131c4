import { setTimeout as sleep } from 'node:timers/promises';
import { settings } from '../aws/settings.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Node } from '../cluster/node.ts';
import type { Connected } from '../connector/dispatch.ts';
import { cloneVms } from '../operations/clone-vms.ts';
import { VCENTER_ERRORS } from '../operations/operation.ts';
import type { Placement } from '../operations/resolve-placement.ts';
import type { NodeError } from '../operations/shapes.ts';
import { watchClones } from '../operations/watch-clones.ts';
import { recordEvent } from '../store/events.ts';
import { updateLaunching } from '../store/nodes.ts';
import { pauseBetweenLooks } from './clone-pace.ts';
import { settle } from './settle.ts';
import { toClone } from './to-clone.ts';

/** How often the VM of a node is asked for in one call, where its clone ends in an error that may pass. */
const TRIES: Record<string, number> = {
  TaskFailed: 3,
  VCenterBusy: 3,
  // A clone whose answer was lost has the name, and is adopted by the second try.
  NameTaken: 2,
};

/** A clone that is under way: its task, or one of which only that it may be under way is known. */
interface Running {
  node: Node;
  task: string | undefined;
  since: number;
}

const askedAt = (node: Node) => Date.parse(node.askedAt ?? '') || Date.now();

/** The clones of a wave's nodes on one connection: those that wait, and those that are under way. */
export class CloneRun {
  readonly #cluster: Cluster;
  readonly #connected: Connected;
  readonly #placement: Placement;
  readonly #waiting: Node[];
  readonly #running: Running[];
  readonly #durations: number[] = [];
  readonly #tries = new Map<string, number>();

  constructor(cluster: Cluster, connected: Connected, placement: Placement, nodes: readonly Node[]) {
    this.#cluster = cluster;
    this.#connected = connected;
    this.#placement = placement;
    this.#waiting = nodes.filter(({ task }) => !task);
    this.#running = nodes.filter(({ task }) => task).map((node) => ({ node, task: node.task, since: askedAt(node) }));
  }

  get underWay(): number {
    return this.#running.length;
  }

  get left(): number {
    return this.#running.length + this.#waiting.length;
  }

  get done(): boolean {
    return this.left === 0;
  }

  /** Asks for the VMs of the next nodes. @throws what concerns the vCenter, once the others are recorded */
  async start(count: number): Promise<void> {
    // Those whose clone may be under way unseen are asked for again: by then it can be found, or it is gone.
    const doubtful = this.#running.filter(({ task }) => !task).map(({ node }) => node);
    const nodes = [...doubtful, ...this.#waiting.splice(0, Math.max(0, count))];
    if (nodes.length === 0) return;
    this.#drop(doubtful);
    const clones = await Promise.all(
      nodes.map((node) => toClone(this.#cluster, node, this.#placement.templates, this.#connected.values)),
    );
    const now = new Date().toISOString();
    for (const node of nodes) node.askedAt ??= now;
    const answer = await this.#connected.run(cloneVms, {
      placement: this.#placement,
      nodes: clones,
      since: nodes.map(({ askedAt = now }) => askedAt).sort()[0] ?? now,
    });
    const failures: Error[] = [];
    await Promise.all(
      answer.nodes.map(async ({ name, vm, task, pending, error }) => {
        const node = nodes.find((each) => each.name === name) as Node;
        if (error) {
          if (!VCENTER_ERRORS.includes(error.name)) return await this.#retry(node, error);
          failures.push(Object.assign(new Error(error.message), { name: error.name }));
          return;
        }
        // One that may be under way unseen is looked for less and less often.
        if (pending || task) this.#running.push({ node, task, since: task ? Date.now() : askedAt(node) });
        if (pending) return;
        await updateLaunching(node.clusterId, name, { vm, task });
        await this.#tell(node, vm !== undefined);
      }),
    );
    if (failures[0]) throw failures[0];
  }

  async #tell({ clusterId, name }: Node, adopted: boolean): Promise<void> {
    const message = adopted ? `${name}'s VM exists already: adopted` : `Cloning ${name}`;
    await recordEvent(clusterId, { type: adopted ? 'NodeAdopted' : 'NodeCloning', node: name, message });
  }

  /** Waits until it is worth looking again. */
  async pause(): Promise<void> {
    const oldest = Math.min(...this.#running.map(({ since }) => since), Date.now());
    if (!this.done) await sleep(pauseBetweenLooks(this.#durations, Date.now() - oldest));
  }

  /** Looks which clones have ended, and records what became of them. */
  async look(): Promise<void> {
    const watched = this.#running.flatMap(({ node, task }) => (task ? [{ name: node.name, task }] : []));
    if (watched.length > 0) {
      const { nodes } = await this.#connected.run(watchClones, { nodes: watched });
      await Promise.all(nodes.map((seen) => this.#record(seen)));
    }
    const limit = Date.now() - settings().SLIPWAY_NODE_SECONDS * 1000;
    for (const { node } of this.#running.filter(({ since }) => since < limit)) {
      await this.#fail(node, { name: 'NodeTimeout', message: `the clone of ${node.name} did not end in time` });
    }
  }

  async #record({
    name,
    state,
    vm,
    error,
  }: {
    name: string;
    state: string;
    vm?: string;
    error?: NodeError;
  }): Promise<void> {
    const running = this.#running.find(({ node }) => node.name === name);
    if (!running || state === 'running') return;
    this.#drop([running.node]);
    if (state === 'forgotten') {
      this.#waiting.unshift(running.node);
    } else if (error) {
      await this.#retry(running.node, error);
    } else {
      this.#durations.push(Date.now() - running.since);
      await updateLaunching(running.node.clusterId, name, { vm });
    }
  }

  /** Has a VM asked for again, which is looked for first: the error may have come after the effect. */
  async #retry(node: Node, error: NodeError): Promise<void> {
    const tries = (this.#tries.get(node.name) ?? 1) + 1;
    this.#tries.set(node.name, tries);
    if (tries <= (TRIES[error.name] ?? 0)) this.#waiting.push(node);
    else await this.#fail(node, error);
  }

  async #fail(node: Node, { name, message }: NodeError): Promise<void> {
    this.#drop([node]);
    await settle(node, { status: 'failed', message: `${name}: ${message}` });
  }

  #drop(nodes: readonly Node[]): void {
    const names = new Set(nodes.map(({ name }) => name));
    this.#running.splice(0, Infinity, ...this.#running.filter(({ node }) => !names.has(node.name)));
  }
}
