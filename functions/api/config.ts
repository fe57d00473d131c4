import { issueKubeconfig } from '../../lib/api/config.ts';
import { issueCredential } from '../../lib/api/credential.ts';
import { http } from '../wrappers/http.ts';

export const handler = http({
  'GET /api/v1/orgs/{orgId}/clusters/{id}/config': async (request) => {
    const user = request.user('viewer');
    return { body: await issueKubeconfig(request.organization, request.clusterId(), user, request.query) };
  },
  'GET /api/v1/orgs/{orgId}/clusters/{id}/credential': async (request) => {
    const user = request.user('viewer');
    return { body: await issueCredential(request.organization, request.clusterId(), user, request.query) };
  },
});
