import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';

/** Calls to AWS are short: what hangs is tried again soon, well within a function's own timeout. */
const options = { maxAttempts: 5 };

let dynamodbClient: DynamoDBClient | undefined;
let sfnClient: SFNClient | undefined;
let secretsClient: SecretsManagerClient | undefined;

/** The clients of a warm function, each made when it is first used. */
export function dynamodb(): DynamoDBClient {
  dynamodbClient ??= new DynamoDBClient(options);
  return dynamodbClient;
}

export function sfn(): SFNClient {
  sfnClient ??= new SFNClient(options);
  return sfnClient;
}

export function secretsManager(): SecretsManagerClient {
  secretsClient ??= new SecretsManagerClient(options);
  return secretsClient;
}
