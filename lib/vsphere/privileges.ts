import type { VCenter } from './vcenter.ts';
import { list, type Ref, text, toRef, toXml } from './xml.ts';

/** The object that knows who may do what; the same on every vCenter. */
const AUTHORIZATION_MANAGER: Ref = { type: 'AuthorizationManager', value: 'AuthorizationManager' };

/**
 * Which of these privileges a session has on each of these objects, in one request (HasPrivilegeOnEntities).
 * @param sessionKey the key of a UserSession
 * @returns the ids of the privileges that it has, by the id of the object
 * @throws NotAuthorized where it may not even read one of the objects
 */
export async function readPrivileges(
  vcenter: VCenter,
  sessionKey: string,
  refs: readonly Ref[],
  privileges: readonly string[],
): Promise<Map<string, Set<string>>> {
  const answers = await vcenter.call('HasPrivilegeOnEntities', AUTHORIZATION_MANAGER, {
    entity: refs.map(toXml),
    sessionId: sessionKey,
    privId: privileges,
  });
  return new Map(
    answers.map((answer) => {
      const granted = list(answer.privAvailability).filter(({ isGranted }) => text(isGranted) === 'true');
      return [toRef(answer.entity).value, new Set(granted.map(({ privId }) => text(privId)))];
    }),
  );
}
