import { describe } from 'node:test';
import { testForms } from '../../testing/form-table.ts';
import { TaintedText } from '../leaf-forms.ts';
import { Logging } from './logging.ts';

const secret = { ref: 'web/service.toml#/service/logging/options/max-size', fingerprint: 'k:1' };

const json = (options: Readonly<Record<string, unknown>>) => ({ driver: 'json-file', options });
const unchanged = (logging: Readonly<Record<string, unknown>>) => [logging, logging] as const;

describe('where the engine puts what a container prints', () => {
  testForms('logging', {
    schema: Logging,
    reads: [
      unchanged({}),
      unchanged({ driver: 'local' }),
      unchanged(json({ 'max-size': '10m', 'max-file': '3', compress: 'true', tag: '{{.Name}}', env: 'A,B', 'labels-regex': '^a' })),
      unchanged(json({ mode: 'non-blocking', 'max-buffer-size': '4MiB', 'cache-disabled': 'true' })),
      ...['1', '1.5m', '1 g', '512k', '10MB', '1kib'].map((size) => unchanged(json({ 'max-size': size }))),
      [json({ 'max-file': 3, compress: false }), json({ 'max-file': '3', compress: 'false' })],
      // What these take is theirs to say: there are plugins.
      unchanged({ driver: 'journald', options: { 'max-siz': 'x' } }),
      unchanged({ driver: 'toString', options: { a: 'b' } }),
      unchanged({ options: { 'max-siz': 'x' } }),
      [json({ 'max-size': new TaintedText(secret) }), json({ 'max-size': secret })],
    ],
    refuses: [
      [{ driver: '' }, /driver must not be empty/],
      [
        json({ 'max-siz': '10m' }),
        /options.max-siz is no option of this driver \(the nearest is "max-size"\); there are max-size, max-file/,
      ],
      [
        { driver: 'local', options: { labels: 'a' } },
        /options.labels is no option of this driver; there are max-size, max-file, compress, mode/,
      ],
      ...['x', '-1', '10x', ''].map((size) => [json({ 'max-size': size }), /options.max-size must be a size such as "10m"/] as const),
      ...['x', '0', '-1', '1.5'].map(
        (files) => [json({ 'max-file': files }), /options.max-file must be a whole number from 1 on/] as const,
      ),
      [json({ compress: 'maybe' }), /options.compress must be "true" or "false"/],
      [json({ mode: 'fast' }), /options.mode must be "blocking" or "non-blocking"/],
      ...[{}, { mode: 'blocking' }].map(
        (mode) => [json({ ...mode, 'max-buffer-size': '1m' }), /options.max-buffer-size needs mode = "non-blocking" beside it/] as const,
      ),
    ],
  });
});
