import { bootstrapNode } from '../../lib/callbacks/bootstrap.ts';
import { http } from '../wrappers/http.ts';

export const handler = http(
  {
    'GET /api/v1/orgs/{orgId}/clusters/{id}/bootstrap': async (request) => {
      return { body: await bootstrapNode(request.caller, request.organization, request.clusterId()) };
    },
  },
  { busy: 503 },
);
