export { type Access, KubernetesApi } from './api.ts';
export { applyObject } from './apply.ts';
export { createBootstrapToken, deleteBootstrapToken } from './bootstrap-token.ts';
export { cordonNode, deleteNodeObject, evictPods } from './drain.ts';
export { KubernetesError } from './errors.ts';
export { removeEtcdMember } from './etcd.ts';
export { EtcdClient } from './etcd-client.ts';
export { EtcdGateway, signInToEtcd } from './etcd-gateway.ts';
export type { EtcdStore } from './etcd-store.ts';
