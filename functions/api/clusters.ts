import { getClusterView, listClusters, postCluster, putCluster, removeCluster } from '../../lib/api/clusters.ts';
import { http } from '../wrappers/http.ts';

const collection = '/api/v1/orgs/{orgId}/clusters';
const one = `${collection}/{id}`;

export const handler = http({
  [`GET ${collection}`]: async (request) => {
    request.user('viewer');
    return { body: await listClusters(request.organization) };
  },
  [`POST ${collection}`]: async (request) => {
    const { subject } = request.user('operator');
    return { status: 202, body: await postCluster(request.organization, request.body(), subject) };
  },
  [`GET ${one}`]: async (request) => {
    request.user('viewer');
    return { body: await getClusterView(request.organization, request.clusterId()) };
  },
  [`PUT ${one}`]: async (request) => {
    request.user('operator');
    return { status: 202, body: await putCluster(request.organization, request.clusterId(), request.body()) };
  },
  [`DELETE ${one}`]: async (request) => {
    request.user('operator');
    return { status: 202, body: await removeCluster(request.organization, request.clusterId()) };
  },
});
