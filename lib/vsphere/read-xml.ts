/** An XML element: attributes begin with `@`, text is `#text`, prefixes are dropped. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is the vSphere API's, known where each answer is read
export type Xml = any;

/** A start tag: its name, its attributes, and whether it is an empty element's. A quoted value may hold a `>`. */
const START = /<([\w:.-]+)((?:[^<>"'/]|"[^"]*"|'[^']*'|\/(?!>))*)(\/?)>/y;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITY = /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi;
const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

interface Element {
  name: string;
  text: string;
  /** Attributes and children, where there are any. */
  content: Record<string, Xml> | undefined;
}

/**
 * Reads an XML document as SOAP uses it: no DTD, so no entities but XML's own. An inventory's answers are megabytes, and this is
 * several times faster than a general parser.
 *
 * @returns each element as its text, or where it has attributes or children as an object of them (attributes begin with `@`, its
 * text is `#text`, one that occurs more than once is an array); prefixes are dropped
 * @throws SyntaxError where it is not well-formed
 */
export function readXml(document: string): Record<string, Xml> {
  const root: Element = { name: '', text: '', content: {} };
  const stack = [root];
  for (let at = 0; at < document.length; ) {
    const open = stack.at(-1) as Element;
    const tag = document.indexOf('<', at);
    if (tag !== at) {
      open.text += decoded(document.slice(at, tag < 0 ? undefined : tag));
      if (tag < 0) break;
    }
    if (document.startsWith('</', tag)) {
      at = after('>', document, tag);
      const name = local(document.slice(tag + 2, at - 1).trimEnd());
      if (open.name !== name || open === root) throw new SyntaxError(`</${name}> at ${tag} ends <${open.name}>`);
      stack.pop();
      add(stack.at(-1) as Element, name, finished(open));
    } else if (document.startsWith('<?', tag)) at = after('?>', document, tag);
    else if (document.startsWith('<!--', tag)) at = after('-->', document, tag);
    else if (document.startsWith('<![CDATA[', tag)) {
      at = after(']]>', document, tag);
      open.text += document.slice(tag + 9, at - 3);
    } else {
      START.lastIndex = tag;
      const [whole, name, attributes, empty] = START.exec(document) ?? [];
      if (!whole || !name) throw new SyntaxError(`no tag at ${tag}: ${document.slice(tag, tag + 40)}`);
      at = tag + whole.length;
      const element: Element = { name: local(name), text: '', content: readAttributes(attributes) };
      if (empty) add(open, element.name, finished(element));
      else stack.push(element);
    }
  }
  if (stack.length > 1) throw new SyntaxError(`the document ends inside <${stack.at(-1)?.name}>`);
  return root.content as Record<string, Xml>;
}

const local = (name: string) => name.slice(name.indexOf(':') + 1);

function after(what: string, document: string, from: number): number {
  const found = document.indexOf(what, from);
  if (found < 0) throw new SyntaxError(`what begins at ${from} has no ${what}`);
  return found + what.length;
}

function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(ENTITY, (whole, hex, decimal, name) =>
    name ? (NAMED[name] ?? whole) : String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal)),
  );
}

function readAttributes(text: string | undefined): Record<string, Xml> | undefined {
  if (!text?.includes('=')) return undefined;
  const content: Record<string, Xml> = {};
  for (const [, name = '', double, single] of text.matchAll(ATTRIBUTE)) {
    content[`@${local(name)}`] = decoded(double ?? single ?? '');
  }
  return content;
}

/** White space between elements is dropped. */
function finished({ text, content }: Element): Xml {
  if (!content) return text;
  if (text.trim() !== '') content['#text'] = text;
  return content;
}

function add(parent: Element, name: string, value: Xml): void {
  // An element of this name would set the object's prototype.
  if (name === '__proto__') throw new SyntaxError('an element is named __proto__');
  parent.content ??= {};
  if (!Object.hasOwn(parent.content, name)) parent.content[name] = value;
  else if (Array.isArray(parent.content[name])) parent.content[name].push(value);
  else parent.content[name] = [parent.content[name], value];
}
