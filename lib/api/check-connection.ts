import { networksOf } from '../cluster/placement.ts';
import { onVCenter } from '../connector/dispatch.ts';
import { invalidSpec } from '../errors.ts';
import { checkConnection as operation } from '../operations/check-connection.ts';
import { getSecret } from './secrets.ts';

/** Checks the vCenter of a connection: what fails is told as a row, not as an error. @throws NotFound, InvalidSpec */
export async function checkConnection(organization: number, secretId: string) {
  const secret = await getSecret(organization, secretId);
  if (secret.type !== 'vsphere')
    throw invalidSpec(`secret ${secret.name}: only a secret of type vsphere can be checked`);
  return await onVCenter({ organization, connectionId: secretId }, operation, (values) => ({
    endpoint: { url: values.url, fingerprint: values.fingerprint, ca: values.ca },
    defaults: {
      datacenter: values.datacenter,
      folder: values.folder,
      resourcePool: values.resourcePool,
      datastore: values.datastore,
      networks: networksOf(values)?.map(({ name }) => name),
      template: values.defaultNodeTemplate,
    },
  }));
}
