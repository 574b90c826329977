import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { applyQuestion } from './apply-question.ts';
import type { ForeignContainer } from './describe-plan.ts';

const [api, web] = [ServiceName.parse('api'), ServiceName.parse('web')];
const foreign = (service: ServiceName, container: string): ForeignContainer => ({
  service,
  container,
  image: 'nginx:1',
  running: true,
  because: 'name',
  networks: [],
});

describe('what kedge apply asks', () => {
  const cases: readonly (readonly [string, Parameters<typeof applyQuestion>[0], string | null])[] = [
    ['nothing, where nothing needs a yes', { adopted: [] }, null],
    [
      'what a held configuration removes',
      { held: { removes: [api] }, adopted: [] },
      'Remove service api, and put the configuration of the folder in force?',
    ],
    [
      'each of several services',
      { held: { removes: [api, web] }, adopted: [] },
      'Remove services api, web, and put the configuration of the folder in force?',
    ],
    ['about a configuration that removes nothing', { held: { removes: [] }, adopted: [] }, 'Put the configuration of the folder in force?'],
    [
      'whose container goes',
      { adopted: [foreign(web, 'old-web')] },
      'Remove container old-web (nginx:1) as soon as web serves in its place?',
    ],
    [
      'everything that a yes decides',
      { held: { removes: [api] }, adopted: [foreign(web, 'web')] },
      'Remove service api, put the configuration of the folder in force, and remove container web (nginx:1) as soon as web serves in its place?',
    ],
  ];
  for (const [what, decided, question] of cases) it(what, () => assert.equal(applyQuestion(decided), question));
});
