import { createHash } from 'node:crypto';

/** Keys in a VM's extraConfig by which it is known as ours. */
export const MARKS = {
  deployment: 'guestinfo.slipway.deployment',
  cluster: 'guestinfo.slipway.cluster',
  node: 'guestinfo.slipway.node',
} as const;

const SERIAL_BITS = 30n;
const MAX_SERIAL = (1 << 30) - 1;

/**
 * The instance UUID of a node's VM: a UUIDv8 (RFC 9562, section 5.8) known before the clone, so that a repeated clone
 * finds the first one and an inventory needs no marks.
 *
 * custom_a (48 bits): hash of the deployment; custom_b (12 bits): zero; custom_c (62 bits): cluster id (32), serial (30).
 *
 * @param deployment identifies this installation, e.g. account, region and stage
 * @throws RangeError where the cluster id or the serial does not fit
 */
export function instanceUuid(deployment: string, clusterId: number, serial: number): string {
  if (!Number.isInteger(clusterId) || clusterId < 1 || clusterId > 0xffffffff)
    throw new RangeError(`cluster id ${clusterId}`);
  if (!Number.isInteger(serial) || serial < 1 || serial > MAX_SERIAL) throw new RangeError(`node serial ${serial}`);
  const custom = (BigInt(clusterId) << SERIAL_BITS) | BigInt(serial);
  const low = (0b10n << 62n) | custom;
  const hex = low.toString(16).padStart(16, '0');
  return [deploymentPrefix(deployment), '8000', hex.slice(0, 4), hex.slice(4)].join('-');
}

/** The first 13 characters (`xxxxxxxx-xxxx`) of the UUIDs of every VM of a deployment. */
export function deploymentPrefix(deployment: string): string {
  const hash = createHash('sha256').update(deployment).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}`;
}

/** Reads a UUID made by `instanceUuid`; undefined where it is not one of this deployment. */
export function parseInstanceUuid(deployment: string, uuid: string): { clusterId: number; serial: number } | undefined {
  const text = uuid.toLowerCase();
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-8000-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text)) return undefined;
  if (!text.startsWith(deploymentPrefix(deployment))) return undefined;
  const custom = BigInt(`0x${text.slice(19).replaceAll('-', '')}`) & ((1n << 62n) - 1n);
  return { clusterId: Number(custom >> SERIAL_BITS), serial: Number(custom & BigInt(MAX_SERIAL)) };
}

/** The name of the folder in which VMs of a cluster are destroyed together. */
export function removalFolder(deployment: string, clusterId: number): string {
  return `slipway-${deploymentPrefix(deployment)}-${clusterId}-removed`;
}

/** The name of the DRS rule that keeps a cluster's control plane on different hosts. */
export function antiAffinityRule(deployment: string, clusterId: number): string {
  return `slipway-${deploymentPrefix(deployment)}-${clusterId}-control-plane`;
}

/** The marks of a node's VM. */
export function marks(deployment: string, clusterId: number, node: string): Record<string, string> {
  return { [MARKS.deployment]: deploymentPrefix(deployment), [MARKS.cluster]: String(clusterId), [MARKS.node]: node };
}
