import * as z from 'zod/mini';
import { addressRange, networkRange, parseRange } from './address-range.ts';
import { type AddressedPool, addressIssues } from './addresses.ts';

/** What else in a cluster has addresses. */
interface Addressed {
  nodepools: readonly AddressedPool[];
  kubernetes: { network: { serviceCIDR: string; podCIDR: string } };
  endpoint?: { address?: string; host?: string };
  loadBalancerIPRange?: readonly string[];
}

/**
 * What is wrong with the addresses that a cluster's nodes are to get, among all that the cluster has.
 * @returns paths of fields from the cluster on, and why
 */
export function addressIssuesOf({ nodepools, kubernetes, endpoint, loadBalancerIPRange }: Addressed) {
  const { serviceCIDR, podCIDR } = kubernetes.network;
  const at = [endpoint?.address, endpoint?.host].filter((host) => z.ipv4().safeParse(host).success) as string[];
  return addressIssues(nodepools, {
    [`podCIDR ${podCIDR}`]: [networkRange(podCIDR)],
    [`serviceCIDR ${serviceCIDR}`]: [networkRange(serviceCIDR)],
    [`the endpoint's address ${at[0]}`]: at.map(parseRange),
    loadBalancerIPRange: (loadBalancerIPRange ?? [])
      .filter((text) => addressRange.safeParse(text).success)
      .map(parseRange),
  });
}
