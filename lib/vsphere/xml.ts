import { vCenterBusy } from './errors.ts';
import { readXml, type Xml } from './read-xml.ts';

export type { Xml };

/** A reference to a managed object: its type and id. */
export interface Ref {
  type: string;
  value: string;
}

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

/** A SOAP 1.1 request of the vim25 service: arguments in the order of the WSDL. */
export function envelope(method: string, self: Ref, args: Xml): string {
  const body = write(method, { '@xmlns': 'urn:vim25', _this: toXml(self), ...args });
  return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;
}

/** Reads an answer's body; undefined where it has none. @throws VCenterBusy where something else than a vCenter answered */
export function readBody(document: string): Xml {
  try {
    return readXml(document).Envelope?.Body;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw vCenterBusy(`the vCenter, or a proxy before it, answers with something that is not SOAP: ${error.message}`);
  }
}
