import * as z from 'zod/mini';
import { MAX_POOL_SIZE, nodePool } from '../cluster/pool.ts';
import { nameTaken, notFound } from '../errors.ts';
import { parse } from '../parse.ts';
import { listNodes } from '../store/nodes.ts';
import { clusterOf, poolView, putCluster } from './clusters.ts';

const resize = z.strictObject({
  size: z.int().check(z.gte(0), z.lte(MAX_POOL_SIZE, `at most ${MAX_POOL_SIZE} nodes in a pool`)),
});

/** @throws NotFound */
export async function listNodePools(organization: number, clusterId: number) {
  const { spec } = await clusterOf(organization, clusterId);
  const nodes = await listNodes(clusterId);
  return spec.nodepools.map((pool) => poolView(pool, nodes));
}

/** @throws NotFound */
export async function getNodePool(organization: number, clusterId: number, name: string) {
  const pool = (await listNodePools(organization, clusterId)).find((each) => each.name === name);
  if (!pool) throw noPool(clusterId, name);
  return pool;
}

/** Adds a pool. @throws InvalidSpec, NotFound, NameTaken, ClusterBusy */
export async function addNodePool(organization: number, clusterId: number, body: unknown) {
  const { spec } = await clusterOf(organization, clusterId);
  const pool = parse(nodePool, body, 'body');
  if (spec.nodepools.some(({ name }) => name === pool.name)) {
    throw nameTaken(`Cluster ${clusterId} has a node pool named '${pool.name}' already.`);
  }
  return await putCluster(organization, clusterId, { nodepools: [...spec.nodepools, pool] });
}

/** Changes a pool's size. @throws InvalidSpec, NotFound, ClusterBusy */
export async function resizeNodePool(organization: number, clusterId: number, name: string, body: unknown) {
  const { spec } = await clusterOf(organization, clusterId);
  const { size } = parse(resize, body, 'body');
  if (!spec.nodepools.some((pool) => pool.name === name)) throw noPool(clusterId, name);
  const nodepools = spec.nodepools.map((pool) => (pool.name === name ? { ...pool, size } : pool));
  return await putCluster(organization, clusterId, { nodepools });
}

/** Removes a pool with its nodes. @throws InvalidSpec (the last masters), NotFound, ClusterBusy */
export async function removeNodePool(organization: number, clusterId: number, name: string) {
  const { spec } = await clusterOf(organization, clusterId);
  if (!spec.nodepools.some((pool) => pool.name === name)) throw noPool(clusterId, name);
  return await putCluster(organization, clusterId, { nodepools: spec.nodepools.filter((pool) => pool.name !== name) });
}

const noPool = (clusterId: number, name: string) => notFound(`Cluster ${clusterId} has no node pool named '${name}'.`);
