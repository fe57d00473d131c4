import type { Key } from './table.ts';

/** Where everything lies in the table: the one place that spells keys. */
export const clusterPartition = (clusterId: number) => `CLUSTER#${clusterId}`;
export const organizationPartition = (organization: number) => `ORG#${organization}`;

export const NODE = 'NODE#';
export const EVENT = 'EVENT#';
export const NAME = 'NAME#';
/** Prefixes that clusters have in an etcd that they share. */
export const ETCD = 'ETCD#';
export const SECRET = 'SECRET#';
export const SECRET_NAME = 'SECRETNAME#';

/** Of a connection: its sessions, and how its clones are shared. */
export const connectionPartition = (connectionId: string) => `CONNECTION#${connectionId}`;
export const SESSION = 'SESSION#';

/** The addresses that an organization's nodes have. */
export const addressPartition = (organization: number) => `ADDRESSES#${organization}`;

/** Lists every cluster of the deployment, for the scale check. */
export const DEPLOYMENT = 'DEPLOYMENT';
export const MEMBER = 'CLUSTER#';

export const keys = {
  meta: (clusterId: number): Key => ({ pk: clusterPartition(clusterId), sk: 'META' }),
  node: (clusterId: number, name: string): Key => ({ pk: clusterPartition(clusterId), sk: `${NODE}${name}` }),
  wave: (clusterId: number, wave: string): Key => ({ pk: clusterPartition(clusterId), sk: `WAVE#${wave}` }),
  event: (clusterId: number, id: string): Key => ({ pk: clusterPartition(clusterId), sk: `${EVENT}${id}` }),
  name: (organization: number, name: string): Key => ({
    pk: organizationPartition(organization),
    sk: `${NAME}${name}`,
  }),
  secret: (organization: number, id: string): Key => ({
    pk: organizationPartition(organization),
    sk: `${SECRET}${id}`,
  }),
  secretName: (organization: number, name: string): Key => ({
    pk: organizationPartition(organization),
    sk: `${SECRET_NAME}${name}`,
  }),
  etcdPrefix: (organization: number, place: string, prefix: string): Key => ({
    pk: organizationPartition(organization),
    sk: `${ETCD}${place}#${prefix}`,
  }),
  session: (connectionId: string, slot: number): Key => ({
    pk: connectionPartition(connectionId),
    sk: `${SESSION}${slot}`,
  }),
  clones: (connectionId: string): Key => ({ pk: connectionPartition(connectionId), sk: 'CLONES' }),
  address: (organization: number, address: string): Key => ({ pk: addressPartition(organization), sk: address }),
  member: (clusterId: number): Key => ({ pk: DEPLOYMENT, sk: `${MEMBER}${clusterId}` }),
  counter: (name: string): Key => ({ pk: DEPLOYMENT, sk: `COUNTER#${name}` }),
  signingKeys: (): Key => ({ pk: DEPLOYMENT, sk: 'SIGNING_KEYS' }),
};
