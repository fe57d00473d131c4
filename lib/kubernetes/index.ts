export { KubernetesApi } from './api.ts';
export { applyObject } from './apply.ts';
export { createBootstrapToken, deleteBootstrapToken } from './bootstrap-token.ts';
export { cordonNode, deleteNodeObject, evictPods } from './drain.ts';
export { KubernetesError } from './errors.ts';
export { removeEtcdMember } from './etcd.ts';
