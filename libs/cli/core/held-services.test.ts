import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { serviceStatus, statusReply, web } from '../testing/samples.ts';
import { heldLines, heldMeaning, heldServices } from './held-services.ts';

const [api, db, front] = ['api', 'db', 'front'].map((name) => ServiceName.parse(name)) as [ServiceName, ServiceName, ServiceName];

describe('heldServices', () => {
  const leaving = serviceStatus({ service: db, phase: 'removing', replicas: { ready: 1, wanted: 0 } });
  const status = statusReply({ services: [serviceStatus({ service: api }), serviceStatus(), leaving] });
  const compare = (services: readonly ServiceName[], removes: readonly ServiceName[]) =>
    heldServices({ reply: { services: [...services], held: { removes: [...removes] } }, status });

  it('compares names with those in force', () =>
    assert.deepEqual(compare([web, front], [api]), { adds: [front], keeps: [web], renames: [] }));
  it('counts what leaves already as not in force', () =>
    assert.deepEqual(compare([db], [api, web]), { adds: [db], keeps: [], renames: [] }));
  it('tells what goes without being removed', () =>
    assert.deepEqual(compare([front], [api]), { adds: [front], keeps: [], renames: [web] }));
});

describe('heldLines', () => {
  it('says nothing of what nobody compared', () => {
    assert.deepEqual(heldLines([web, api], null), ['It declares web, api.']);
    assert.deepEqual(heldLines([], null), ['It declares no service any more.']);
  });

  it('says what is renamed, new, and still there', () =>
    assert.deepEqual(heldLines([front, api], { adds: [front], keeps: [api], renames: [web] }), [
      'It has another name for web.',
      'It adds front.',
      'It still declares api; whether anything changes there is known only once it is in force.',
    ]));
});

describe('heldMeaning', () => {
  const old = ServiceName.parse('old');
  const held = { removes: [api], renames: [web], adds: [front], keeps: [db] };
  for (const [service, words] of [
    [api, 'no longer declares api, and would remove it'],
    [web, 'has another name for web'],
    [front, 'adds front'],
    [db, 'still declares db; whether anything changes there is known only once it is in force'],
    [old, 'does not declare old either'],
  ] as const)
    it(`says that it ${words}`, () => assert.equal(heldMeaning(service, held), words));
});
