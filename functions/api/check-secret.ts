import { checkConnection } from '../../lib/api/check-connection.ts';
import { http } from '../wrappers/http.ts';

export const handler = http({
  'POST /api/v1/orgs/{orgId}/secrets/{secretId}/check': async (request) => {
    request.user('operator');
    return { body: await checkConnection(request.organization, String(request.path.secretId)) };
  },
});
