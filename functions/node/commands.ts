import { poolCommands } from '../../lib/callbacks/commands.ts';
import { http } from '../wrappers/http.ts';

export const handler = http(
  {
    'GET /api/v1/orgs/{orgId}/clusters/{id}/pke/commands': async (request) => {
      return { body: await poolCommands(request.caller, request.organization, request.clusterId()) };
    },
  },
  { busy: 503 },
);
