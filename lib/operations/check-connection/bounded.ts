import { VSphereError } from '../../vsphere/index.ts';

/** Makes a function that waits for calls: for each at most `each` seconds, for all together at most `all`. */
export function bounded(each: number, all: number) {
  const until = Date.now() + all * 1000;
  return async <T>(what: string, call: Promise<T>): Promise<T> => {
    const left = Math.max(0, Math.min(each * 1000, until - Date.now()));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new VSphereError('VCenterUnreachable', `no answer in ${(left / 1000).toFixed(1)} s: ${what}`));
      }, left);
    });
    try {
      return await Promise.race([call, late]);
    } finally {
      clearTimeout(timer);
    }
  };
}
