/** Bundled in place of the SDK's event streams: no call of ours streams. */
export class EventStreamSerde {}
