export { publicKeyHash as caCertHash } from './asn1.ts';
export { deriveBootstrapToken } from './bootstrap-token.ts';
export { issueClientCertificate, issueGatewayCertificate } from './client-certificate.ts';
export { type ClusterCertificates, createClusterCertificates } from './cluster-certificates.ts';
export { type Credentials, execCredential, kubeconfig } from './kubeconfig.ts';
