/** Makes a network and a machine in it, says so, and waits to be killed. Arguments: the machine's root. */

import { switchOn } from '../../local/kubernetes/machine.ts';
import { createNetwork } from '../../local/kubernetes/network.ts';

const [, , root = ''] = process.argv;
const { stop, ...network } = await createNetwork('10.98.0.1/24', 'slipway1');
const { binaries } = JSON.parse(process.env.SLIPWAY_REAL ?? '');
const { pid } = await switchOn({ name: 'abandoned', address: '10.98.0.11', root }, { network, binaries });
console.log(JSON.stringify({ pid, holder: network.holder }));
setInterval(() => undefined, 1000);
