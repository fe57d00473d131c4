/** Milliseconds for the whole PKI of a cluster: the median of 50. */
import { createClusterCertificates } from '../../lib/pki/index.ts';

const times: number[] = [];
for (let i = 0; i < 50; i++) {
  const began = performance.now();
  await createClusterCertificates({ name: 'bench' });
  times.push(performance.now() - began);
}
times.sort((a, b) => a - b);
console.log(JSON.stringify({ medianMs: Number(times[25]?.toFixed(1)), maxMs: Number(times[49]?.toFixed(1)) }));
