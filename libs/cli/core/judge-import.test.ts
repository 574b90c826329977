import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { serviceStatus, web } from '../testing/samples.ts';
import type { ForeignContainer } from './describe-plan.ts';
import type { DispenserSight } from './dispenser-sight.ts';
import { judgeImport } from './judge-import.ts';

const db = ServiceName.parse('db');
const other = ServiceName.parse('other');
const gone: DispenserSight = { kind: 'gone' };
const container = (service: ServiceName, name: string = service): ForeignContainer => ({
  service,
  container: name,
  image: 'nginx:1',
  running: true,
  because: name === service ? 'name' : 'port',
  networks: ['dispenser'],
});

interface Seen {
  readonly daemon?: DispenserSight;
  readonly declared?: readonly ServiceName[];
  readonly held?: readonly ServiceName[];
}

function judge(foreign: readonly ForeignContainer[], { daemon = gone, declared = [web, db], held }: Seen = {}) {
  const services = declared.map((service) => serviceStatus({ service }));
  return judgeImport({ services: [db, web], stack: { status: { services }, plan: { foreign: [...foreign] }, held }, daemon });
}

describe('judgeImport', () => {
  it('hands over what has a container of Dispenser, in the order given', () => {
    const judged = judge([container(web), container(db), container(other)]);
    assert.deepEqual(judged, { kind: 'ready', services: [db, web], dispensers: [container(web), container(db)] });
    assert.ok(judge([container(web)]).kind === 'ready');
  });

  it('takes a port that another service of Dispenser has for its', () => {
    const judged = judge([container(web, 'db')]);
    assert.deepEqual(judged.kind === 'ready' && judged.services, [web]);
  });

  for (const [name, daemon] of [
    ['no process of others is seen', { kind: 'unseen', pid: 12 }],
    ['one runs that may work on another folder', { kind: 'may-run', pid: 7 }],
  ] as const) {
    it(`goes on where ${name}: a person says yes to that none is left here`, () => {
      assert.equal(judge([container(web)], { daemon }).kind, 'ready');
    });
  }

  it('has nothing to do when nothing is in the way', () => assert.deepEqual(judge([container(other)]), { kind: 'nothing' }));

  const waits: readonly (readonly [name: string, reason: RegExp, judged: ReturnType<typeof judgeImport>])[] = [
    ['no stack answers', /no stack answers/, judgeImport({ services: [web], stack: null, daemon: gone })],
    ['the stack has another folder', /another folder.*no db/, judge([container(web)], { declared: [web] })],
    ['another folder is held', /another folder.*no db/, judge([container(web)], { declared: [web], held: [web, other] })],
    [
      'its configuration is held',
      /^the configuration that declares db is held: "kedge apply"/,
      judge([container(web)], { declared: [web], held: [web, db] }),
    ],
    [
      'Dispenser still runs',
      /must end first \(process 123\)/,
      judge([container(web)], { daemon: { kind: 'runs', pid: 123, by: 'process' } }),
    ],
    ['somebody else has a port', /container caddy \(nginx:1\) has a port of service web/, judge([container(web), container(web, 'caddy')])],
  ];
  for (const [name, reason, judged] of waits) {
    it(`waits while ${name}`, () => {
      assert.ok(judged.kind === 'not-yet');
      assert.match(judged.reason, reason);
    });
  }
});
