/** Bundled in place of the SDK's cache for endpoint discovery, which no call of ours uses. */
export class EndpointCache {}
