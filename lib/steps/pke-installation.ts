import type { ConnectionValues } from '../api/secret-values.ts';
import type { PkeInstallation, PkeVsphere } from '../bootstrap/index.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { hostAndPort } from '../cluster/endpoint-spec.ts';
import { metalLBRange } from '../cluster/load-balancer.ts';
import { domainOf, type NodePool, poolRole, runsWorkloads } from '../cluster/pool.ts';
import { wantedPlacement } from './wanted-placement.ts';

const HTTPS = 443;

/** What pke is told of a cluster and one of its pools. */
export function pkeInstallation(
  { id, name, organization, spec }: Pick<Cluster, 'id' | 'name' | 'organization' | 'spec'>,
  pool: NodePool,
  apiUrl: string,
): PkeInstallation {
  const { version, network } = spec.kubernetes;
  const masters = spec.nodepools.filter((each) => poolRole(each) === 'master');
  return {
    apiUrl,
    organization,
    clusterId: id,
    clusterName: name,
    kubernetesVersion: version,
    serviceCIDR: network.serviceCIDR,
    podCIDR: network.podCIDR,
    networkProvider: network.provider,
    endpoint: spec.endpoint && hostAndPort(spec.endpoint),
    loadBalancerRange: spec.loadBalancerIPRange?.map(metalLBRange)[0],
    masters: masters.reduce((sum, { size }) => sum + size, 0),
    pool: {
      name: pool.name,
      role: poolRole(pool) === 'master' ? 'master' : 'worker',
      runsWorkloads: runsWorkloads(pool),
    },
  };
}

/** The vCenter and placement of a pool's nodes, or of those in one of its failure domains: what they are told of it, no account. */
export function pkeVsphere(
  connection: ConnectionValues,
  spec: Cluster['spec'],
  pool: NodePool,
  placement: string | undefined,
): PkeVsphere {
  const { hostname, port } = new URL(connection.url);
  const domain = domainOf(pool, placement);
  const { datacenter, datastore, resourcePool, folder } = wantedPlacement(connection, spec, pool, domain, '', []);
  return {
    ...{ server: hostname, port: Number(port) || HTTPS, fingerprint: connection.fingerprint },
    ...{ datacenter, datastore, resourcePool, folder },
  };
}
