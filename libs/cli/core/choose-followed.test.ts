import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PlanReply, ServiceName } from '@kedge/shared/contracts';
import { chooseFollowed } from './choose-followed.ts';

type Planned = PlanReply['changes'][number];
const [api, db, front, migrate] = ['api', 'db', 'front', 'migrate'].map((name) => ServiceName.parse(name)) as [
  ServiceName,
  ServiceName,
  ServiceName,
  ServiceName,
];
type Row = readonly [name: string, Parameters<typeof chooseFollowed>[0], Planned[], ServiceName[]];
const changed = (...services: ServiceName[]) => ({ revision: 'r1', added: [], changed: services, removed: [] });
const planned = (service: ServiceName, problem?: Planned['problem']): Planned => ({
  ...{ service, action: 'roll', reason: 'why', steps: [] },
  ...(problem ? { problem } : {}),
});
const waitsFor = (name: string) => ({ code: 'DEPENDENCY_FAILED', message: `it waits for ${name} (completed), which is barred` });
const failed = { code: 'START_FAILED', message: 'exit code 3' };

describe('what a reload is about', () => {
  const table: readonly Row[] = [
    ['is what it changed', { own: [changed(api)], earlier: [] }, [planned(api), planned(db)], [api]],
    [
      'is nothing that changed before and came to its end, well or barred',
      { own: [changed(api)], earlier: [changed(migrate, db)] },
      [planned(api)],
      [api],
    ],
    [
      'is nothing that changed before and failed, though it is tried again',
      { own: [changed(api)], earlier: [changed(migrate)] },
      [planned(migrate, failed)],
      [api],
    ],
    ['is what changed before and is on its way', { own: [changed(api)], earlier: [changed(db)] }, [planned(db)], [api, db]],
    ...(
      [
        ['another service is to be there', { code: 'DEPENDENCY_PENDING', message: 'it waits for elsewhere (healthy)' }],
        ['its routes are to be handed over', { code: 'HAND_OVER_PENDING', message: 'its route moves to api when that serves' }],
        ['the registry is to answer', { code: 'REGISTRY_ERROR', message: 'away' }],
      ] as const
    ).map(
      ([what, problem]): Row => [
        `is what changed before and comes by itself as soon as ${what}`,
        { own: [changed(api)], earlier: [changed(db)] },
        [planned(db, problem)],
        [api, db],
      ],
    ),
    ...['START_FAILED', 'DEPENDENCY_FAILED', 'DEPENDENCY_TIMEOUT', 'PORT_TAKEN', 'IMAGE_ABSENT'].map(
      (code): Row => [
        `is nothing that changed before and that a person has to mend (${code}), nor what waits for that`,
        { own: [changed(api)], earlier: [changed(migrate, db)] },
        [
          planned(db, { code: 'DEPENDENCY_PENDING', message: 'it waits for migrate (started)' }),
          planned(migrate, { code, message: 'why' }),
        ],
        [api],
      ],
    ),
    ['is what changed just before, where it changed nothing itself', { own: [], earlier: [changed(migrate)] }, [], [migrate]],
    [
      'is also what waits for that, and for what waits for it',
      { own: [changed(migrate)], earlier: [] },
      [planned(front, waitsFor('api')), planned(api, waitsFor('migrate')), planned(db, waitsFor('elsewhere'))],
      [migrate, api, front],
    ],
    [
      'is all that is to change, where nobody knows of a change',
      { own: [], earlier: [] },
      [planned(api), planned(migrate, failed)],
      [api, migrate],
    ],
  ];
  for (const [name, found, changes, services] of table) it(name, () => assert.deepEqual(chooseFollowed(found, { changes }), services));
});
