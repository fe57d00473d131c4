import { networksOf } from '../cluster/placement.ts';
import { onVCenter } from '../connector/dispatch.ts';
import { invalidSpec } from '../errors.ts';
import { checkConnection as operation } from '../operations/check-connection.ts';
import type { ConnectionValues } from './secret-values.ts';
import { getSecret } from './secrets.ts';

/** Seconds for which a session is waited for: the caller waits for the answer. */
const PATIENCE_SECONDS = 3;

/** Checks the vCenter of a connection: what fails is told as a row, not as an error. @throws NotFound, InvalidSpec */
export async function checkConnection(organization: number, secretId: string) {
  const secret = await getSecret(organization, secretId);
  if (secret.type !== 'vsphere')
    throw invalidSpec(`secret ${secret.name}: only a secret of type vsphere can be checked`);
  const inputOf = (values: ConnectionValues) => ({
    endpoint: { url: values.url, fingerprint: values.fingerprint, ca: values.ca },
    defaults: {
      datacenter: values.datacenter,
      folder: values.folder,
      resourcePool: values.resourcePool,
      datastore: values.datastore,
      networks: networksOf(values)?.map(({ name }) => name),
      template: values.defaultNodeTemplate,
    },
  });
  return await onVCenter({ organization, connectionId: secretId }, operation, inputOf, PATIENCE_SECONDS);
}
