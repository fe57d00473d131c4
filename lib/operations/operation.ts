import type * as z from 'zod/mini';
import type { EtcdGateway, EtcdStore, KubernetesApi } from '../kubernetes/index.ts';
import type { VCenter } from '../vsphere/index.ts';

/** What operations work with: a vCenter, or a cluster's API server. */
export interface VCenterContext {
  vcenter: VCenter;
}
export interface KubernetesContext {
  kubernetes: KubernetesApi;
}
/** An etcd: its keys, and its users where they are ours to make. */
export interface EtcdContext {
  store: EtcdStore;
  users?: Pick<EtcdGateway, 'allow' | 'forbid'>;
}

/** One action on premises: its name, the schemas of its input and output, the errors it ends with, and what it does. */
export interface Operation<I, O, C> {
  readonly name: string;
  readonly input: z.ZodMiniType<I>;
  readonly output: z.ZodMiniType<O>;
  /** Names of its errors, for Retry and Catch. */
  readonly errors: readonly string[];
  run(context: C, input: I): Promise<O>;
}

export type VCenterOperation<I, O> = Operation<I, O, VCenterContext>;
export type KubernetesOperation<I, O> = Operation<I, O, KubernetesContext>;
export type EtcdOperation<I, O> = Operation<I, O, EtcdContext>;

/** What every call of a vCenter can end with. */
export const VCENTER_ERRORS = ['VCenterBusy', 'VCenterUnreachable', 'VCenterUntrusted', 'NotAuthorized', 'TaskFailed'];
export const KUBERNETES_ERRORS = ['KubernetesUnreachable', 'KubernetesDenied'];
