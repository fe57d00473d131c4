import { listNodeViews } from '../../lib/api/nodes.ts';
import { http } from '../wrappers/http.ts';

export const handler = http({
  'GET /api/v1/orgs/{orgId}/clusters/{id}/nodes': async (request) => {
    request.user('viewer');
    return { body: await listNodeViews(request.organization, request.clusterId()) };
  },
});
