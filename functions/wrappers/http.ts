import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { authenticate, type Caller, requireUser, type UserRole } from '../../lib/auth/authenticate.ts';
import { invalidSpec, SlipwayError } from '../../lib/errors.ts';
import { log } from '../../lib/log.ts';
import { id, parse } from '../../lib/parse.ts';
import { answerOf } from './answer.ts';

/** Longest body that is read. */
const MAX_BODY = 256 * 1024;

/** A call of the API, parsed: what the routes' functions are given. */
export interface Request {
  caller: Caller;
  organization: number;
  path: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  /** The cluster of the path. @throws InvalidSpec */
  clusterId(): number;
  /** The JSON body. @throws InvalidSpec where it is malformed; TooLarge */
  body(): unknown;
  /** Demands a user of the organization of the path. @throws Forbidden */
  user(role: UserRole): { subject: string; role: UserRole };
}

/** Answers a route: a body, with a status where it is not 200. */
export type Route = (request: Request) => Promise<{ status?: number; body: unknown }>;

/**
 * Makes a Lambda handler of routes: authenticates, parses, logs, and answers errors in one place.
 * @param options.busy the status that asks for patience: 503 where the callers are nodes, since pke tries again after a 5xx only,
 *   and takes any other refusal but 409 for the leadership
 */
export function http(routes: Record<string, Route>, options: { busy?: 429 | 503 } = {}) {
  return async (event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2> => {
    const began = Date.now();
    log.resetKeys();
    log.appendKeys({ request: context.awsRequestId, route: event.routeKey });
    let status = 200;
    try {
      const route = routes[event.routeKey];
      if (!route)
        throw new SlipwayError('NotFound', `There is no ${event.requestContext.http.method} ${event.rawPath}.`, 404);
      const request = await toRequest(event);
      const answer = await route(request);
      status = answer.status ?? 200;
      return json(status, answer.body);
    } catch (error) {
      const answer = answerOf(error, context.awsRequestId, options);
      status = answer.status;
      return json(status, answer.body, answer.headers);
    } finally {
      log.info('answered', { status, milliseconds: Date.now() - began });
    }
  };
}

async function toRequest(event: APIGatewayProxyEventV2): Promise<Request> {
  // The size first: nothing is spent on what is refused anyway.
  const text = event.isBase64Encoded ? Buffer.from(event.body ?? '', 'base64').toString() : (event.body ?? '');
  if (Buffer.byteLength(text) > MAX_BODY) {
    throw new SlipwayError('TooLarge', `The body is larger than ${MAX_BODY / 1024} KiB.`, 413);
  }
  const caller = await authenticate(event.headers.authorization);
  const path = event.pathParameters ?? {};
  const organization = parse(id, path.orgId, 'organization');
  log.appendKeys(caller.kind === 'node' ? { cluster: caller.clusterId, node: caller.node } : { user: caller.subject });
  return {
    caller,
    organization,
    path,
    query: event.queryStringParameters ?? {},
    clusterId() {
      const clusterId = parse(id, path.id, 'cluster id');
      log.appendKeys({ cluster: clusterId });
      return clusterId;
    },
    body: () => parseJson(text),
    user: (role) => requireUser(caller, organization, role),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidSpec(`body: not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** An answer in JSON. */
export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}
