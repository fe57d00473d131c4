/** An error of a vCenter, by a stable name that callers can retry on. `fault` is the vSphere API's own name for it. */
export class VSphereError extends Error {
  readonly fault: string | undefined;
  constructor(name: string, message: string, fault?: string) {
    super(message);
    this.name = name;
    this.fault = fault;
  }
}

/** Retryable: it has too much to do (HTTP 503, or a limit of its tasks). */
export const vCenterBusy = (message: string, fault?: string) => new VSphereError('VCenterBusy', message, fault);
/** Retryable: no answer (network, TLS handshake, time limit). */
export const vCenterUnreachable = (message: string) => new VSphereError('VCenterUnreachable', message);
/** Its certificate is not the pinned one, and no authority that is trusted signed it. */
export const vCenterUntrusted = (message: string) => new VSphereError('VCenterUntrusted', message);
/** Retryable: a task failed for a reason that may pass. */
export const taskFailed = (message: string, fault?: string) => new VSphereError('TaskFailed', message, fault);
/** Wrong user or password, or a privilege is missing. */
export const notAuthorized = (message: string, fault?: string) => new VSphereError('NotAuthorized', message, fault);
export const notFound = (message: string, fault?: string) => new VSphereError('NotFound', message, fault);
export const nameTaken = (message: string, fault?: string) => new VSphereError('NameTaken', message, fault);
export const invalidSpec = (message: string, fault?: string) => new VSphereError('InvalidSpec', message, fault);
export const outOfResources = (message: string, fault?: string) => new VSphereError('OutOfResources', message, fault);

/** The session is not known any more: it idled for too long, or was ended. */
export const sessionEnded = (what: string) =>
  new VSphereError('NotAuthorized', `${what}: the session has ended`, 'NotAuthenticated');

const BY_FAULT: Record<string, (message: string, fault: string) => VSphereError> = {
  InvalidLogin: notAuthorized,
  NoPermission: notAuthorized,
  ManagedObjectNotFound: notFound,
  DuplicateName: nameTaken,
  AlreadyExists: nameTaken,
  InvalidArgument: invalidSpec,
  InvalidName: invalidSpec,
  InvalidVmConfig: invalidSpec,
  VmConfigFault: invalidSpec,
  NotSupported: invalidSpec,
  InsufficientResourcesFault: outOfResources,
  InsufficientCpuResourcesFault: outOfResources,
  InsufficientMemoryResourcesFault: outOfResources,
  NoDiskSpace: outOfResources,
  FileNotWritable: outOfResources,
  TooManyTasks: vCenterBusy,
  ResourceInUse: vCenterBusy,
};

/**
 * The named error of a fault (vSphere API reference, "Faults"). What has no name of its own is a failed task: it may pass.
 * @param what was tried, for the message
 */
export function fromFault(fault: string, message: string, what: string): VSphereError {
  return (BY_FAULT[fault] ?? taskFailed)(`${what}: ${message || fault} (${fault})`, fault);
}
