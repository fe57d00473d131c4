import { gunzipSync } from 'node:zlib';

/** A value that may be known in few places. A PEM is searched for by the lines of its key. */
export interface Secret {
  name: string;
  value: string;
}

/** Where something is told: a file, an answer. */
export interface Place {
  where: string;
  content: Buffer | string;
}

/** A secret in a place. `how` says through which encodings it was seen. */
export interface Hit {
  secret: string;
  where: string;
  how: string;
}

/** Encodings within encodings that are followed. */
const MAX_DEPTH = 6;
/** Characters from which on text is taken for base64, and the shortest piece of a secret that is searched for. */
const SHORTEST_BASE64 = 24;
const SHORTEST_PIECE = 8;

const isGzip = (bytes: Buffer) => bytes[0] === 0x1f && bytes[1] === 0x8b;
const escaped = (text: string) => JSON.stringify(text).slice(1, -1);
const urlSafe = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_');

/** The parts of a value that would give it away: itself, or each whole line of a PEM's key, however its line ends are written. */
function piecesOf(value: string): string[] {
  const lines = value.split('\n').filter((line) => line.length >= SHORTEST_PIECE && !line.startsWith('-----'));
  return value.includes('-----BEGIN') ? lines : [value];
}

/** base64 of whatever contains the piece, for each of its three places in a group of four characters. */
function inBase64(piece: string): string[] {
  return [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(piece)]);
    const whole = bytes.toString('base64').replace(/=+$/, '');
    // Characters at the ends also tell of the neighbours.
    return whole.slice(Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6));
  });
}

/** How each piece of a secret may be written, in the order in which it is tried. */
function formsOf(piece: string): [how: string, text: string][] {
  const base64 = inBase64(piece);
  const forms: [string, string][] = [
    ['raw', piece],
    ['escaped', escaped(piece)],
    ['escaped twice', escaped(escaped(piece))],
    ['in a URL', encodeURIComponent(piece)],
    ...base64.map((text): [string, string] => ['base64', text]),
    ...base64.map((text): [string, string] => ['base64url', urlSafe(text)]),
    ['hexadecimal', Buffer.from(piece).toString('hex')],
  ];
  return forms.filter(([, text]) => text.length >= SHORTEST_PIECE);
}

/** Searches places for secrets: raw, escaped, in base64 at any offset, compressed, and in any of these within another. */
export function findSecrets(secrets: readonly Secret[], places: Iterable<Place>): Hit[] {
  const known = secrets.map(({ name, value }) => ({ name, forms: piecesOf(value).flatMap(formsOf) }));
  const hits: Hit[] = [];
  for (const { where, content } of places) {
    const found = new Map<string, string>();
    search(Buffer.from(content), '', known, found);
    for (const [secret, how] of found) hits.push({ secret, where, how });
  }
  return hits;
}

function search(
  bytes: Buffer,
  path: string,
  known: { name: string; forms: [string, string][] }[],
  found: Map<string, string>,
  depth = 0,
): void {
  if (isGzip(bytes)) {
    const whole = unpacked(bytes);
    if (whole && depth < MAX_DEPTH) search(whole, `${path}gzip, `, known, found, depth + 1);
    return;
  }
  const text = bytes.toString('latin1');
  for (const { name, forms } of known) {
    const form = found.has(name) ? undefined : forms.find(([, each]) => text.includes(latin1(each)));
    if (form) found.set(name, path + form[0]);
  }
  if (depth === MAX_DEPTH) return;
  for (const blob of blobsIn(text)) search(blob, `${path}base64, `, known, found, depth + 1);
}

const latin1 = (text: string) => Buffer.from(text).toString('latin1');

function unpacked(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes);
  } catch {
    return undefined;
  }
}

/** What base64 in a text says, each once; also where it is broken into lines, or its slashes are escaped. */
function* blobsIn(text: string): Generator<Buffer> {
  const seen = new Set<string>();
  for (const each of [text, text.replace(/\\+[nr]|[\r\n]+ *|\\(?=\/)/g, '')]) {
    for (const [run] of each.matchAll(new RegExp(`[A-Za-z0-9+/_-]{${SHORTEST_BASE64},}`, 'g'))) {
      if (seen.has(run)) continue;
      seen.add(run);
      yield Buffer.from(run, 'base64');
    }
  }
}
