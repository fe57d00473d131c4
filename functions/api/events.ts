import { pageEvents } from '../../lib/api/events.ts';
import { http } from '../wrappers/http.ts';

export const handler = http({
  'GET /api/v1/orgs/{orgId}/clusters/{id}/events': async (request) => {
    request.user('viewer');
    return { body: await pageEvents(request.organization, request.clusterId(), request.query) };
  },
});
