import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readXml } from '../../../lib/vsphere/read-xml.ts';
import { envelope, readBody, type Xml } from '../../../lib/vsphere/xml.ts';

describe('an XML document is read', () => {
  test.each<[string, string, Xml]>([
    ['text', '<a>b</a>', { a: 'b' }],
    ['white space, as it stands', '<a> b\n</a>', { a: ' b\n' }],
    ['nothing', '<a></a>', { a: '' }],
    ['an empty element', '<a/>', { a: '' }],
    ['an empty element with an attribute', '<a b="c" />', { a: { '@b': 'c' } }],
    ['attributes and text', '<a b="c" x:d=\'e"\'>f</a>', { a: { '@b': 'c', '@d': 'e"', '#text': 'f' } }],
    ['a bracket in an attribute', '<a b="c>d/>">e</a>', { a: { '@b': 'c>d/>', '#text': 'e' } }],
    ['children, once and more than once', '<a>\n <b>1</b>\n <c>2</c><b>3</b>\n</a>', { a: { b: ['1', '3'], c: '2' } }],
    ['prefixes', '<s:a xmlns:s="urn:x"><s:b>1</s:b></s:a>', { a: { '@s': 'urn:x', b: '1' } }],
    [
      'entities',
      '<a b="&quot;">&lt;&amp;lt;&#65;&#x1F600;&apos;&other;</a>',
      { a: { '@b': '"', '#text': "<&lt;A😀'&other;" } },
    ],
    ['CDATA', '<a>1<![CDATA[<b>&amp;]]>2</a>', { a: '1<b>&amp;2' }],
    ['comments and declarations', '<?xml version="1.0"?>\n<!-- <a> --><a>1<!-- 2 -->3</a>\n', { a: '13' }],
    [
      'names of Object’s own',
      '<a><constructor>1</constructor><toString/></a>',
      { a: { constructor: '1', toString: '' } },
    ],
  ])('%s', (_, document, expected) => {
    expect(readXml(document)).toEqual(expected);
  });

  test.each([
    '<a>',
    '</a>',
    '<a></b>',
    '<a><b></a></b>',
    '<a',
    '<a b="c',
    '<!DOCTYPE a>',
    '<a><![CDATA[',
    '<__proto__/>',
  ])('not where it is malformed: %s', (document) => {
    expect(() => readXml(document)).toThrow(SyntaxError);
  });

  test('as it was written', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((each) => each.trim() !== '');
    fc.assert(
      fc.property(text, fc.array(text, { minLength: 2 }), (one, many) => {
        const { Envelope } = readXml(envelope('Method', { type: 'T', value: one }, { many }));
        expect(Envelope.Body.Method).toEqual({ '@xmlns': 'urn:vim25', _this: { '@type': 'T', '#text': one }, many });
      }),
    );
  });
});

test('an answer that is not SOAP is worth another try', () => {
  expect(() => readBody('<html><br></html>')).toThrow(expect.objectContaining({ name: 'VCenterBusy' }));
});
