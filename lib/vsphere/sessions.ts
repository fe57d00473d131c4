import { readProperties } from './properties.ts';
import type { VCenter } from './vcenter.ts';
import { list, text } from './xml.ts';

/**
 * Ends the other sessions that show a user agent. Needs the privilege Sessions.TerminateSession; without it they end when they
 * have idled for as long as the vCenter allows.
 */
export async function endSessions(vcenter: VCenter, userAgent: string): Promise<void> {
  try {
    const { sessionManager } = await vcenter.content();
    const [properties] = await readProperties(vcenter, [sessionManager], ['sessionList', 'currentSession']);
    const current = text(properties?.values.currentSession?.key);
    const others = list(properties?.values.sessionList?.UserSession)
      .filter((session) => text(session.userAgent) === userAgent && text(session.key) !== current)
      .map((session) => text(session.key));
    if (others.length > 0) await vcenter.call('TerminateSession', sessionManager, { sessionId: others });
  } catch {
    // It was a courtesy: what matters is said by the call that comes next.
  }
}
