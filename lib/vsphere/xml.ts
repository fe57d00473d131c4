import { XMLParser } from 'fast-xml-parser';

/** An XML element as fast-xml-parser has it: attributes begin with `@`, text is `#text`, prefixes are dropped. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is the vSphere API's, known where each answer is read
export type Xml = any;

/** A reference to a managed object: its type and id. */
export interface Ref {
  type: string;
  value: string;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '#text',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // Numeric entities as well, such as &#34;.
  htmlEntities: true,
});

/** Writes a reference as an element's content. */
export const toXml = ({ type, value }: Ref): Xml => ({ '@type': type, '#text': value });
/**
 * Reads a reference from an element's content. Not from a property's `val`: its xsi:type hides the reference's own type.
 */
export const toRef = (xml: Xml): Ref => ({ type: xml['@type'], value: text(xml) });
/** The text of an element with or without attributes. */
export const text = (xml: Xml): string => (typeof xml === 'object' ? (xml?.['#text'] ?? '') : (xml ?? ''));
/** An element that may be there any number of times. */
export const list = (xml: Xml): Xml[] => (xml === undefined || xml === '' ? [] : Array.isArray(xml) ? xml : [xml]);

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (value: unknown) => String(value).replaceAll(/[&<>"]/g, (character) => ENTITIES[character] as string);

/** Writes an element, or one for each item of an array; what is undefined is left out. */
function write(name: string, value: Xml): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((each) => write(name, each)).join('');
  if (typeof value !== 'object') return `<${name}>${escaped(value)}</${name}>`;
  const entries = Object.entries(value);
  const attributes = entries.filter(([key]) => key.startsWith('@'));
  const content = entries.filter(([key]) => !key.startsWith('@'));
  const start = attributes.map(([key, each]) => ` ${key.slice(1)}="${escaped(each)}"`).join('');
  const inside = content.map(([key, each]) => (key === '#text' ? escaped(each) : write(key, each))).join('');
  return `<${name}${start}>${inside}</${name}>`;
}

/**
 * A SOAP 1.1 request: arguments in the order of the WSDL.
 * @param namespace of another service than vim25
 * @param header of the envelope
 */
export function envelope(method: string, self: Ref, args: Xml, namespace = 'urn:vim25', header?: Xml): string {
  const body = write(method, { '@xmlns': namespace, _this: toXml(self), ...args });
  return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">${write('soapenv:Header', header)}<soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;
}

/** Reads an answer's body. */
export function readBody(document: string): Xml {
  return parser.parse(document)?.Envelope?.Body;
}
