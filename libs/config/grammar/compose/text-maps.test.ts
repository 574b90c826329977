import { describe } from 'node:test';
import { testForms } from '../../testing/form-table.ts';
import { TaintedText } from '../leaf-forms.ts';
import { LabelMap, OptionMap, TextMap } from './text-maps.ts';

const secret = { ref: 'web/service.toml#/service/labels/a', fingerprint: 'k:1' };
const tainted = new TaintedText(secret);

describe('tables of texts', () => {
  testForms('labels', {
    schema: LabelMap,
    reads: [
      [
        { a: 'b', 'traefik.enable': true, n: 5 },
        { a: 'b', 'traefik.enable': 'true', n: '5' },
      ],
      [['a=b=c', 'empty=', 'bare'], { a: 'b=c', empty: '', bare: '' }],
      [{ a: tainted }, { a: secret }],
      [{}, {}],
    ],
    refuses: [
      ['a=b', /must be a table such as/],
      [['=b'], /0 must begin with a name/],
      [{ a: [] }, /a must be text/],
      [[tainted], /0 must be a line of a table when a variable stands in it/],
    ],
  });
  testForms('options of a device', {
    schema: TextMap,
    reads: [
      [{ 'net.core.somaxconn': 1024 }, { 'net.core.somaxconn': '1024' }],
      [['net.core.somaxconn=1024'], { 'net.core.somaxconn': '1024' }],
    ],
    refuses: [
      [5, /must be a table such as/],
      [{ a: {} }, /must be text, a number/],
    ],
  });
  testForms('options', {
    schema: OptionMap,
    reads: [
      [{ a: 5 }, { a: '5' }],
      [{ 'splunk-token': tainted }, { 'splunk-token': secret }],
    ],
    refuses: [
      [['a=5'], /record/],
      [{ a: {} }, /must be text, a number/],
    ],
  });
});
