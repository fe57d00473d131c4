import { getLeader, giveUpLeadership, registerLeader } from '../../lib/callbacks/leader.ts';
import { http } from '../wrappers/http.ts';

const route = '/api/v1/orgs/{orgId}/clusters/{id}/pke/leader';

export const handler = http(
  {
    [`POST ${route}`]: async (request) => {
      const { leader, elected } = await registerLeader(
        request.caller,
        request.organization,
        request.clusterId(),
        request.body(),
      );
      return { status: elected ? 201 : 409, body: leader };
    },
    [`GET ${route}`]: async (request) => {
      return { body: await getLeader(request.caller, request.organization, request.clusterId()) };
    },
    [`DELETE ${route}`]: async (request) => {
      await giveUpLeadership(request.caller, request.organization, request.clusterId());
      return { body: {} };
    },
  },
  { busy: 503 },
);
