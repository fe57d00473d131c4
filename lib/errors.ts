/** An error of Slipway's own. Its `name` is part of the interface: workflows match it, and API answers give it. */
export class SlipwayError extends Error {
  readonly status: number;
  readonly details: Record<string, unknown>;

  /**
   * @param status the HTTP status with which it is answered to a caller
   * @param details further fields of that answer
   */
  constructor(name: string, message: string, status: number, details: Record<string, unknown> = {}) {
    super(message);
    this.name = name;
    this.status = status;
    this.details = details;
  }
}

/** Input that can't be accepted: the message names the field and what is allowed (400). */
export const invalidSpec = (message: string) => new SlipwayError('InvalidSpec', message, 400);
/** No valid token (401). */
export const unauthenticated = (message: string) => new SlipwayError('Unauthenticated', message, 401);
/** A valid token that does not allow this (403). */
export const forbidden = (message: string) => new SlipwayError('Forbidden', message, 403);
/** Nothing of that name or id (404). */
export const notFound = (message: string) => new SlipwayError('NotFound', message, 404);
/** The name is in use (409). */
export const nameTaken = (message: string) => new SlipwayError('NameTaken', message, 409);
/** What was asked for does not fit the state of the thing (409). */
export const conflict = (message: string, details = {}) => new SlipwayError('Conflict', message, 409, details);
/** A workflow runs on the cluster already (409, with its execution). */
export const clusterBusy = (message: string, lock: { execution: string; since: string }) =>
  new SlipwayError('ClusterBusy', message, 409, { ...lock });
