import { list, text, type Xml } from '../../vsphere/index.ts';

/** The properties by which a datastore is judged. */
export const DATASTORE_PATHS = ['summary', 'host'];

/** A datastore as placements see it. */
export interface DatastoreFacts {
  freeBytes: number;
  /** It is accessible and in no maintenance. */
  usable: boolean;
  /** Ids of the hosts that mount it for reading and writing. */
  hosts: Set<string>;
}

/** Reads `summary` (DatastoreSummary) and `host` (ArrayOfDatastoreHostMount). */
export function readDatastore({ summary, host }: Record<string, Xml>): DatastoreFacts {
  const mounts = list(host?.DatastoreHostMount).filter(
    ({ mountInfo }) =>
      text(mountInfo?.accessMode) !== 'readOnly' &&
      text(mountInfo?.mounted) !== 'false' &&
      text(mountInfo?.accessible) !== 'false',
  );
  return {
    freeBytes: Number(text(summary?.freeSpace)) || 0,
    usable: text(summary?.accessible) !== 'false' && ['', 'normal'].includes(text(summary?.maintenanceMode)),
    hosts: new Set(mounts.map(({ key }) => text(key))),
  };
}
