import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Bundled in place of the SDK's chain of credential providers, which is larger than all of ours: a Lambda function has its
 * role's credentials in the environment, and nowhere else.
 */
export const defaultProvider = () => fromEnv();
