/** What is done to the keys of an etcd, however it is reached. Keys are text; a range is from `key` up to, not including, `end`. */
export interface EtcdStore {
  countKeys(key: string, end: string): Promise<number>;
  /** @returns how many there were */
  deleteKeys(key: string, end: string): Promise<number>;
}
