import { readProperties } from './properties.ts';
import type { VCenter } from './vcenter.ts';
import { type Ref, text } from './xml.ts';

const SERVICE_INSTANCE: Ref = { type: 'ServiceInstance', value: 'ServiceInstance' };

/** The key of our session (UserSession), by which its privileges are asked for. */
export async function readSessionKey(vcenter: VCenter): Promise<string> {
  const { sessionManager } = await vcenter.content();
  const [read] = await readProperties(vcenter, [sessionManager], ['currentSession']);
  return text(read?.values.currentSession?.key);
}

/** The vCenter's clock (CurrentTime), in milliseconds since 1970. */
export async function readClock(vcenter: VCenter): Promise<number> {
  const [now] = await vcenter.call('CurrentTime', SERVICE_INSTANCE);
  return Date.parse(text(now));
}
