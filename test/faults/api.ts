import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from '../../local/cloud/index.ts';

/** What the API tells of a cluster. */
export interface ClusterView {
  id: number;
  name: string;
  status: string;
  statusMessage: string;
  execution: string | null;
  nodepools: { name: string; size: number; ready: number }[];
}

/** The API of the deployment, its scale check, and the AWS services behind it. */
export class Api {
  readonly #cloud: Cloud;
  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** Calls the API below the organization. */
  // biome-ignore lint/suspicious/noExplicitAny: callers read what they expect
  async call(method: string, path: string, body?: object): Promise<{ status: number; body: any }> {
    const answer = await fetch(`${this.#cloud.api}/api/v1/orgs/1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#cloud.token}` },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    try {
      return { status: answer.status, body: JSON.parse(text) };
    } catch {
      return { status: answer.status, body: { message: text } };
    }
  }

  /** Calls until the cluster is free for it, and throws where it is refused for another reason. */
  // biome-ignore lint/suspicious/noExplicitAny: callers read what they expect
  async ask(method: string, path: string, body?: object, seconds = 60): Promise<any> {
    for (const end = Date.now() + seconds * 1000; ; await sleep(200)) {
      const answer = await this.call(method, path, body);
      if (answer.status < 300) return answer.body;
      // 409: another run works on it, or its name is still taken. 5xx: the function died, or its answer was late.
      if ((answer.status === 409 || answer.status >= 500) && Date.now() < end) continue;
      throw new Error(`${method} ${path}: HTTP ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
  }

  /** Invokes the scale check, as its schedule would; that it dies is part of what is tested. */
  async scaleCheck(): Promise<void> {
    const path = '/2015-03-31/functions/slipway-local-scale-check/invocations';
    const headers = { authorization: this.#authorization('lambda') };
    await fetch(`${this.#cloud.awsEndpoint}${path}`, { method: 'POST', body: '{}', headers }).catch(() => undefined);
  }

  /** One call of an AWS service that speaks JSON. @throws Error where it is refused */
  async aws<T>(service: string, target: string, body: object): Promise<T> {
    const answer = await fetch(this.#cloud.awsEndpoint, {
      method: 'POST',
      headers: {
        authorization: this.#authorization(service),
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': target,
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${target}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  #authorization(service: string): string {
    return `AWS4-HMAC-SHA256 Credential=test/20260101/${this.#cloud.region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  }

  /** The names of secrets that belong to a cluster. */
  async secretsOf(clusterId: number): Promise<string[]> {
    const names: string[] = [];
    let NextToken: string | undefined;
    do {
      const page: { SecretList: { Name: string }[]; NextToken?: string } = await this.aws(
        'secretsmanager',
        'secretsmanager.ListSecrets',
        { MaxResults: 100, NextToken },
      );
      names.push(...page.SecretList.map(({ Name }) => Name));
      NextToken = page.NextToken;
    } while (NextToken);
    return names.filter((name) => new RegExp(`/clusters/${clusterId}(\\D|$)`).test(name));
  }

  /** The keys of records that belong to a cluster, its timeline aside, and of those that name it. */
  async recordsOf(clusterId: number, name: string): Promise<string[]> {
    type Item = { pk: { S: string }; sk: { S: string } };
    const keys: string[] = [];
    let ExclusiveStartKey: object | undefined;
    do {
      const page: { Items: Item[]; LastEvaluatedKey?: object } = await this.aws('dynamodb', 'DynamoDB_20120810.Scan', {
        TableName: 'slipway-local',
        ExclusiveStartKey,
      });
      for (const item of page.Items) {
        const key = `${item.pk.S} ${item.sk.S}`;
        if (item.pk.S === `CLUSTER#${clusterId}` || JSON.stringify(item).includes(`"${name}"`)) keys.push(key);
      }
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return keys;
  }
}
