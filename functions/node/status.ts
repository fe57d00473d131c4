import { nodeStatus } from '../../lib/callbacks/status.ts';
import { http } from '../wrappers/http.ts';

export const handler = http(
  {
    'POST /api/v1/orgs/{orgId}/clusters/{id}/pke/status': async (request) => {
      return { body: await nodeStatus(request.caller, request.organization, request.clusterId(), request.body()) };
    },
  },
  { busy: 503 },
);
