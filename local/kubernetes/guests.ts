import { join } from 'node:path';
import type { Guests } from '../cloud/vcsim.ts';
import { type Binaries, buildKubernetes } from './binaries.ts';
import { createNetwork, type Network } from './network.ts';

/** First two octets of the machines' addresses: apart from those of pods (10.244) and services (10.96 to 10.111). */
export const NETWORK = '10.123';
const VARIABLE = 'SLIPWAY_MACHINES';

/** What each machine is started with. */
interface Surroundings {
  network: Network;
  binaries: Binaries;
}

/** Guests, and the network that they are in. */
export interface RealGuests extends Guests {
  wiring: Network;
  binaries: Binaries;
  stop(): void;
}

/** Makes the network in which guests run on the real Kubernetes. Needs root. Only one is in a host's network namespace. */
export async function startRealGuests(): Promise<RealGuests> {
  const binaries = await buildKubernetes();
  const { stop, ...wiring } = await createNetwork(`${NETWORK}.0.1/16`);
  const surroundings: Surroundings = { network: wiring, binaries };
  return {
    program: join(import.meta.dirname, 'guest.ts'),
    network: NETWORK,
    env: { [VARIABLE]: JSON.stringify(surroundings) },
    wiring,
    binaries,
    stop,
  };
}

/** What a guest is told by its environment. @throws Error in one that startRealGuests has not made */
export function readSurroundings(): Surroundings {
  const { [VARIABLE]: text } = process.env;
  if (!text) throw new Error('there is no network of machines: see startRealGuests');
  return JSON.parse(text);
}
