import { readProperties } from './properties.ts';
import type { VCenter } from './vcenter.ts';
import { type Ref, text } from './xml.ts';

const SERVICE_INSTANCE: Ref = { type: 'ServiceInstance', value: 'ServiceInstance' };

/** Who we are signed in as, and the key by which the session's privileges are asked for (UserSession). */
export async function readSession(vcenter: VCenter): Promise<{ key: string; user: string }> {
  const { sessionManager } = await vcenter.content();
  const [read] = await readProperties(vcenter, [sessionManager], ['currentSession']);
  const session = read?.values.currentSession;
  return { key: text(session?.key), user: text(session?.userName) };
}

/** The vCenter's clock (CurrentTime), in milliseconds since 1970. */
export async function readClock(vcenter: VCenter): Promise<number> {
  const [now] = await vcenter.call('CurrentTime', SERVICE_INSTANCE);
  return Date.parse(text(now));
}
