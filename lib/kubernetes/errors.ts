/** An error of a cluster's API server or etcd, by a stable name. */
export class KubernetesError extends Error {
  readonly status: number | undefined;
  constructor(
    name: 'KubernetesUnreachable' | 'KubernetesDenied' | 'KubernetesRefused' | 'EtcdPrefixInUse',
    message: string,
    status?: number,
  ) {
    super(message);
    this.name = name;
    this.status = status;
  }
}
