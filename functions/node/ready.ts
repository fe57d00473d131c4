import { isMasterReady, nodeReady } from '../../lib/callbacks/ready.ts';
import { http } from '../wrappers/http.ts';

const route = '/api/v1/orgs/{orgId}/clusters/{id}/pke/ready';

export const handler = http(
  {
    [`GET ${route}`]: async (request) => {
      const ready = await isMasterReady(request.caller, request.organization, request.clusterId());
      return { body: { master: { ready } } };
    },
    [`POST ${route}`]: async (request) => {
      await nodeReady(request.caller, request.organization, request.clusterId(), request.body());
      return { body: {} };
    },
  },
  { busy: 503 },
);
