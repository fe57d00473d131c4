export { invalidSpec, nameTaken, VSphereError } from './errors.ts';
export { findVms } from './find-vms.ts';
export { type Entity, findOne, readEntities } from './finder.ts';
export { readInventory, readProperties } from './properties.ts';
export { endSessions } from './sessions.ts';
export { countClones, readTasks, TASK_PATHS, taskError, waitForTasks } from './tasks.ts';
export { VCenter } from './vcenter.ts';
export { lookUp, watchProperties } from './watch.ts';
export { list, type Ref, text, toRef, toXml, type Xml } from './xml.ts';
