import { addNodePool, getNodePool, listNodePools, removeNodePool, resizeNodePool } from '../../lib/api/node-pools.ts';
import { http, type Request } from '../wrappers/http.ts';

const collection = '/api/v1/orgs/{orgId}/clusters/{id}/nodepools';
const one = `${collection}/{name}`;
const pool = (request: Request) => [request.organization, request.clusterId(), String(request.path.name)] as const;

export const handler = http({
  [`GET ${collection}`]: async (request) => {
    request.user('viewer');
    return { body: await listNodePools(request.organization, request.clusterId()) };
  },
  [`POST ${collection}`]: async (request) => {
    request.user('operator');
    return { status: 202, body: await addNodePool(request.organization, request.clusterId(), request.body()) };
  },
  [`GET ${one}`]: async (request) => {
    request.user('viewer');
    return { body: await getNodePool(...pool(request)) };
  },
  [`PUT ${one}`]: async (request) => {
    request.user('operator');
    return { status: 202, body: await resizeNodePool(...pool(request), request.body()) };
  },
  [`DELETE ${one}`]: async (request) => {
    request.user('operator');
    return { status: 202, body: await removeNodePool(...pool(request)) };
  },
});
