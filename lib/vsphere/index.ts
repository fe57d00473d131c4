export { invalidSpec, nameTaken, notFound, outOfResources, VSphereError } from './errors.ts';
export { type Entity, findOne, KINDS, onlyOne, readEntities } from './finder/index.ts';
export { findByInstanceUuid, readFacts, readInventory, readProperties } from './properties.ts';
export { findStoragePolicies } from './storage-policies.ts';
export { TASK_PATHS, taskError, waitForTasks } from './tasks.ts';
export { VCenter } from './vcenter.ts';
export { lookUp, watchProperties } from './watch.ts';
export { list, type Ref, text, toRef, toXml, type Xml } from './xml.ts';
