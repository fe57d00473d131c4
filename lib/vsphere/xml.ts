import { XMLBuilder, XMLParser } from 'fast-xml-parser';

/** An XML element as fast-xml-parser has it: attributes begin with `@`, text is `#text`, prefixes are dropped. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is the vSphere API's, known where each answer is read
export type Xml = any;

/** A reference to a managed object: its type and id. */
export interface Ref {
  type: string;
  value: string;
}

const options = { ignoreAttributes: false, attributeNamePrefix: '@', textNodeName: '#text' };
const builder = new XMLBuilder({ ...options, suppressEmptyNode: true });
const parser = new XMLParser({
  ...options,
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
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

/** A SOAP 1.1 request of the vim25 service: arguments in the order of the WSDL. */
export function envelope(method: string, self: Ref, args: Xml): string {
  const body = { [method]: { '@xmlns': 'urn:vim25', _this: toXml(self), ...args } };
  const whole = {
    'soapenv:Envelope': {
      '@xmlns:soapenv': 'http://schemas.xmlsoap.org/soap/envelope/',
      '@xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
      '@xmlns:xsd': 'http://www.w3.org/2001/XMLSchema',
      'soapenv:Body': body,
    },
  };
  return `<?xml version="1.0" encoding="UTF-8"?>${builder.build(whole)}`;
}

/** Reads an answer's body. */
export function readBody(document: string): Xml {
  return parser.parse(document)?.Envelope?.Body;
}
