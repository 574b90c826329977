import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProjectContainer } from '../ports.ts';
import { findReplacement, type Replacement } from './find-replacement.ts';

const now = new Date('2026-01-01T00:01:00.000Z');
const longAgo = new Date('2025-12-31T00:00:00.000Z');

function container(id: string, changes: Partial<ProjectContainer> = {}): ProjectContainer {
  return { id, state: 'running', service: 'proxy', number: '1', replaces: false, createdAt: longAgo, ...changes };
}
const replacement: Partial<ProjectContainer> = { state: 'created', replaces: true, createdAt: new Date(now.getTime() - 20) };

const cases: readonly {
  readonly it: string;
  readonly containers: readonly ProjectContainer[];
  readonly recorded?: readonly string[];
  readonly found: Replacement;
}[] = [
  {
    it: 'is started',
    containers: [container('old'), container('new', replacement)],
    found: { kind: 'start', container: 'new' },
  },
  {
    it: 'is started for a container that was a replacement itself once',
    containers: [container('old', { replaces: true }), container('new', replacement)],
    found: { kind: 'start', container: 'new' },
  },
  {
    it: 'is started for a proxy that the project calls otherwise',
    containers: [container('old', { service: 'edge' }), container('new', { ...replacement, service: 'edge' })],
    recorded: ['old'],
    found: { kind: 'start', container: 'new' },
  },
  {
    it: 'is the one with the same number, where several are replaced at once',
    containers: [
      container('old', { number: '2' }),
      container('one', { ...replacement, number: '1' }),
      container('two', { ...replacement, number: '2' }),
    ],
    found: { kind: 'start', container: 'two' },
  },
  {
    it: 'is not there when the proxy is only stopped',
    containers: [container('old'), container('second', { number: '2' })],
    found: { kind: 'none', reason: 'not-replaced' },
  },
  {
    it: 'is not one that runs already',
    containers: [container('old'), container('new', { ...replacement, state: 'running' })],
    found: { kind: 'none', reason: 'not-replaced' },
  },
  {
    it: 'is not one that somebody made without a reason',
    containers: [container('old'), container('new', { ...replacement, replaces: false })],
    found: { kind: 'none', reason: 'not-replaced' },
  },
  {
    it: 'is not one that was left behind long ago',
    containers: [container('old'), container('new', { ...replacement, createdAt: longAgo })],
    found: { kind: 'none', reason: 'not-replaced' },
  },
  {
    it: 'is not that of another service',
    containers: [container('old'), container('new', { ...replacement, service: 'watcher' })],
    found: { kind: 'none', reason: 'not-replaced' },
  },
  {
    it: 'is not looked for when something else than a proxy ends',
    containers: [container('old', { service: 'watcher' }), container('new', { ...replacement, service: 'watcher' })],
    found: { kind: 'none', reason: 'no-proxy' },
  },
  {
    it: 'is not looked for when a container of another project ends',
    containers: [container('new', replacement)],
    recorded: ['old'],
    found: { kind: 'none', reason: 'not-of-our-project' },
  },
];

describe('the replacement of a proxy', () => {
  for (const { it: sentence, containers, recorded = [], found } of cases) {
    it(sentence, () => assert.deepEqual(findReplacement({ leaving: 'old', containers, recorded: new Set(recorded), now }), found));
  }
});
