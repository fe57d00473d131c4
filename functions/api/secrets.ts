import { addSecret, deleteSecret, getSecret, putSecret, querySecrets, secretView } from '../../lib/api/secrets.ts';
import { clusterCertificates } from '../../lib/callbacks/certificates.ts';
import { http } from '../wrappers/http.ts';

const collection = '/api/v1/orgs/{orgId}/secrets';
const one = `${collection}/{secretId}`;

export const handler = http({
  // Nodes fetch their cluster's authorities here: the path is the one that the node protocol has.
  [`GET ${collection}`]: async ({ caller, organization, query, user }) => {
    if (caller.kind === 'node') return { body: await clusterCertificates(caller, organization, query.tags) };
    user('viewer');
    return { body: await querySecrets(organization, query.type) };
  },
  [`POST ${collection}`]: async (request) => {
    request.user('admin');
    return { status: 201, body: await addSecret(request.organization, request.body()) };
  },
  [`GET ${one}`]: async (request) => {
    request.user('viewer');
    return { body: secretView(await getSecret(request.organization, String(request.path.secretId))) };
  },
  [`PUT ${one}`]: async (request) => {
    request.user('admin');
    return { body: await putSecret(request.organization, String(request.path.secretId), request.body()) };
  },
  [`DELETE ${one}`]: async (request) => {
    request.user('admin');
    await deleteSecret(request.organization, String(request.path.secretId));
    return { body: {} };
  },
});
