import { issueKubeconfig } from '../../lib/api/config.ts';
import { http } from '../wrappers/http.ts';

export const handler = http({
  'GET /api/v1/orgs/{orgId}/clusters/{id}/config': async (request) => {
    const { subject } = request.user('operator');
    return { body: await issueKubeconfig(request.organization, request.clusterId(), subject) };
  },
});
