export { type Entity, readEntities } from './entities.ts';
export { findOne, onlyOne } from './find-one.ts';
export { KINDS, type Kind } from './kinds.ts';
