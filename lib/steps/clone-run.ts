import { setTimeout as sleep } from 'node:timers/promises';
import { settings } from '../aws/settings.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Node } from '../cluster/node.ts';
import { placementKey } from '../cluster/pool.ts';
import type { Connected } from '../connector/dispatch.ts';
import type { CloneNode } from '../operations/clone-spec.ts';
import { cloneVms } from '../operations/clone-vms.ts';
import { VCENTER_ERRORS } from '../operations/operation.ts';
import type { Placements } from '../operations/placement/placement.ts';
import { setCustomAttributes } from '../operations/set-custom-attributes.ts';
import type { NodeError } from '../operations/shapes.ts';
import { watchClones } from '../operations/watch-clones.ts';
import { recordEvent } from '../store/events.ts';
import { updateFields, updateLaunching } from '../store/nodes.ts';
import { ConditionFailed } from '../store/table.ts';
import { pauseBetweenLooks } from './clone-pace.ts';
import { type NodeSecrets, readNodeSecrets } from './node-guestinfo.ts';
import { settle } from './settle.ts';
import { toClone } from './to-clone.ts';

/** How often the VM of a node is asked for in one call, where its clone ends in an error that may pass. */
const TRIES: Record<string, number> = {
  TaskFailed: 3,
  VCenterBusy: 3,
  // A clone whose answer was lost has the name, and is adopted by the second try.
  NameTaken: 2,
};

/** Milliseconds between two steps, and where all of the connection's clones are others'. */
const LEAST_MS = 50;
const MOST_MS = 5000;
const IDLE_MS = 1000;

/** A clone that is under way: its task, or one of which only that it may be under way is known. */
interface Running {
  node: Node;
  task: string | undefined;
  /** The VM that it switches on, where an earlier try made it. */
  adopted?: string;
  since: number;
}

const askedAt = (node: Node) => Date.parse(node.askedAt ?? '') || Date.now();

/** The clones of a wave's nodes on one connection: those that wait, and those that are under way. */
export class CloneRun {
  readonly #cluster: Cluster;
  readonly #connected: Connected;
  readonly #placements: Placements;
  readonly #waiting: Node[];
  readonly #running: Running[];
  readonly #durations: number[] = [];
  #secrets: Promise<NodeSecrets> | undefined;
  #lookedAt = Date.now();
  #lookAt = 0;
  readonly #tries = new Map<string, number>();

  constructor(cluster: Cluster, connected: Connected, placements: Placements, nodes: readonly Node[]) {
    this.#cluster = cluster;
    this.#connected = connected;
    this.#placements = placements;
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
    const now = new Date().toISOString();
    for (const node of nodes) node.askedAt ??= now;
    const asked = nodes.map(({ askedAt = now }) => askedAt).sort();
    const answer = await this.#connected.run(cloneVms, {
      placements: this.#placements,
      nodes: (await Promise.all(nodes.map((node) => this.#toClone(node)))).filter((clone) => clone !== undefined),
      since: asked[0] ?? now,
      until: asked.at(-1) ?? now,
      known: this.#running.flatMap(({ task }) => task ?? []),
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
        if (pending || task) this.#running.push({ node, task, adopted: vm, since: task ? Date.now() : askedAt(node) });
        if (pending) return;
        if (task) await updateLaunching(node.clusterId, name, { task });
        await this.#tell(node, vm !== undefined);
        if (!task) await this.#made(node, vm);
      }),
    );
    if (failures[0]) throw failures[0];
  }

  /** What the clone of a node is asked for with; undefined where its launch has ended meanwhile. */
  async #toClone(node: Node): Promise<CloneNode | undefined> {
    try {
      this.#secrets ??= readNodeSecrets(this.#cluster);
      return await toClone(this.#cluster, node, this.#placements, this.#connected.values, await this.#secrets);
    } catch (error) {
      if (error instanceof ConditionFailed) return undefined;
      throw error;
    }
  }

  async #tell({ clusterId, name }: Node, adopted: boolean): Promise<void> {
    const message = adopted ? `${name}'s VM exists already: adopted` : `Cloning ${name}`;
    await recordEvent(clusterId, { type: adopted ? 'NodeAdopted' : 'NodeCloning', node: name, message });
  }

  /** Waits until it is worth looking again, but not for long: there may be news, or a part of others' to take. */
  async pause(): Promise<void> {
    if (this.done) return;
    const oldest = Math.min(...this.#running.map(({ since }) => since), Date.now());
    this.#lookAt = this.#lookedAt + pauseBetweenLooks(this.#durations, this.#lookedAt - oldest, this.underWay);
    const waits = this.underWay === 0 ? IDLE_MS * (1 + Math.random()) : this.#lookAt - Date.now();
    await sleep(Math.max(LEAST_MS, Math.min(waits, MOST_MS)));
  }

  /** Looks which clones have ended, where it is time to, and records what became of them. */
  async look(): Promise<void> {
    if (Date.now() < this.#lookAt) return;
    this.#lookedAt = Date.now();
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
      if (!running.adopted) this.#durations.push(Date.now() - running.since);
      await this.#made(running.node, running.adopted ?? vm);
    }
  }

  /**
   * Gives the VM of a node the attributes that a clone's configuration has no place for, then records it: what is recorded is
   * done with.
   */
  async #made(node: Node, vm: string | undefined): Promise<void> {
    if (!vm) return;
    const attributes = this.#cluster.spec.nodepools.find(({ name }) => name === node.pool)?.customAttributes;
    try {
      if (attributes) await this.#connected.run(setCustomAttributes, { vms: [vm], attributes });
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'InvalidSpec') throw error;
      await this.#fail(node, error);
    }
    // A node may be ready before its clone was seen to have ended.
    const compute = this.#placements[placementKey(node)]?.compute;
    const inCluster = compute?.type === 'ClusterComputeResource' ? compute.value : undefined;
    await updateFields(node.clusterId, node.name, { vm, compute: inCluster });
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
