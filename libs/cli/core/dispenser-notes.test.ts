import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceSpec } from '@kedge/shared/contracts';
import { web } from '../testing/samples.ts';
import { notesOn } from './dispenser-notes.ts';

interface Declared {
  readonly service?: object;
  readonly dispenser?: object;
  readonly [table: string]: unknown;
}

function declared({ service = {}, dispenser = {}, ...tables }: Declared) {
  const spec = ServiceSpec.parse({
    ...tables,
    service: { name: 'web', image: 'hello:1', ...service },
    dispenser: { watch: true, ...dispenser },
  });
  return { name: web, folder: 'web', spec };
}

const proxy = { host: 'a.example', service_port: 80 };

function ofService(given: Declared): string {
  const notes = notesOn({ services: [declared(given)], proxy: { strategy: 'http-only' }, unused: [] });
  return notes.flatMap(({ service, note }) => (service === web ? [note] : [])).join('\n');
}

/** What was declared, and what is said of it; nothing where it meant the same. */
const table: readonly (readonly [name: string, given: Declared, says: RegExp | null])[] = [
  ['a limit that was one', { service: { memory: '512m' } }, null],
  ['a limit in bytes', { service: { memory: '6291456' } }, null],
  ['a capital', { service: { memory: '2G' } }, null],
  ['a limit with two letters', { service: { memory: '256mb' } }, /memory = "256mb" limits it now/],
  ['a broken limit', { service: { memory: '1.5g' } }, /took it for no limit/],
  ['a digest', { service: { image: `hello@sha256:${'a'.repeat(64)}` } }, /its digest is honoured/],
  ['weekdays by number', { dispenser: { cron: '0 0 3 * * 1-5' } }, /Sunday is 0 or 7 here, and was 1/],
  ['weekdays by number and year', { dispenser: { cron: '0 0 3 * * 2 2030' } }, /Sunday/],
  ['weekdays by name', { dispenser: { cron: '0 0 3 * * MON-FRI' } }, null],
  ['any weekday', { dispenser: { cron: '0 0 3 1 * *' } }, null],
  ['five fields', { dispenser: { cron: '0 3 * * 1' } }, null],
  [
    'one container port twice',
    {
      port: [
        { host: 80, container: 80 },
        { host: 81, container: 80 },
      ],
    },
    /the last alone/,
  ],
  [
    'two container ports',
    {
      port: [
        { host: 80, container: 80 },
        { host: 81, container: 81 },
      ],
    },
    null,
  ],
  ['a dependency', { depends_on: { db: 'healthy' } }, /waited for ever/],
];

describe('notesOn', () => {
  for (const [name, given, says] of table) {
    it(`${says ? 'speaks' : 'is silent'} about ${name}`, () =>
      says ? assert.match(ofService(given), says) : assert.equal(ofService(given), ''));
  }

  it('says of the whole what is not there yet', () => {
    const services = [declared({ proxy: { ...proxy, cert_file: 'a.crt', key_file: 'a.key' } })];
    const notes = notesOn({ services, proxy: undefined, unused: ['certbot', 'telemetry'] });
    const whole = notes
      .filter(({ service }) => service === null)
      .map(({ note }) => note)
      .join('\n');
    for (const part of [
      /plain HTTP only/,
      /cert_file/,
      /\[certbot\]/,
      /OTEL_EXPORTER_OTLP_ENDPOINT/,
      /taken out of the configuration/,
      /relative path of a \[\[service\]\]/,
      /relative source of a \[\[volume\]\]/,
    ])
      assert.match(whole, part);
  });

  it('does not speak of TLS where there is no route, or none by TLS', () => {
    for (const [services, settings] of [
      [[declared({})], undefined],
      [[declared({ proxy })], { strategy: 'http-only' as const }],
      [[declared({ proxy })], { enabled: false }],
    ] as const)
      assert.ok(notesOn({ services, proxy: settings, unused: [] }).every(({ note }) => !/TLS/.test(note)));
  });
});
