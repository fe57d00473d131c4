import { networksOf } from '../cluster/placement.ts';
import { onVCenter } from '../connector/dispatch.ts';
import { invalidSpec } from '../errors.ts';
import { checkConnection as operation } from '../operations/check-connection.ts';
import { getSecret } from './secrets.ts';

/** Signs in to the vCenter of a connection and resolves each default. @throws NotFound, InvalidSpec, the operation's errors */
export async function checkConnection(organization: number, secretId: string) {
  const secret = await getSecret(organization, secretId);
  if (secret.type !== 'vsphere')
    throw invalidSpec(`secret ${secret.name}: only a secret of type vsphere can be checked`);
  return await onVCenter({ organization, connectionId: secretId }, operation, (values) => ({
    defaults: {
      datacenter: values.datacenter,
      folder: values.folder,
      resourcePool: values.resourcePool,
      datastore: values.datastore,
      networks: networksOf(values)?.map(({ name }) => name),
      storagePolicy: values.storagePolicy,
      template: values.defaultNodeTemplate,
    },
  }));
}
