import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { json } from '../wrappers/http.ts';

/** What no route knows is answered as every error is. */
export async function handler({ requestContext, rawPath }: APIGatewayProxyEventV2) {
  const message = `There is no ${requestContext.http.method} ${rawPath}.`;
  return json(404, { code: 404, message, error: 'NotFound' });
}
