import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConfigurationFolder, Renderer } from '@kedge/config';
import { createReadConfiguration, serviceFile } from '@kedge/config';
import { renderPlain } from '@kedge/config/testing';
import { silentLog, waitUntil } from '@kedge/shared/testing';
import { systemClock } from '../adapters/system-clock.ts';
import type { Applied } from '../apply-configuration.ts';
import type { Clock } from '../ports.ts';
import { startConfigurationLoop } from './configuration-loop.ts';

const names = Array.from({ length: 300 }, (_, index) => `app${index}`);
const main = names.map((name) => `[[service]]\npath = "${name}"\n`).join('');
const text = (name: string) => `[service]\nname = "${name}"\nimage = "nginx"\n[dispenser]\nwatch = true\n`;

const folder: ConfigurationFolder = {
  path: '/config',
  name: './deploy',
  look: async (folders) => ({
    kind: 'read',
    entry: 'kedge.toml',
    text: main,
    services: Object.fromEntries(folders.map((name) => [name, { kind: 'text', text: text(name) }])),
    variables: '',
  }),
  doubt: () => undefined,
  variablesText: async () => null,
};

interface Rig {
  readonly folder: ConfigurationFolder;
  readonly render: Renderer['render'];
  readonly onFullPass?: () => void;
  readonly onPreview?: () => void;
  readonly onApply?: (isAfresh: boolean) => void;
  readonly clock?: Clock;
}

function startLoop({ folder: place, render, clock = systemClock, onApply = () => undefined, ...told }: Rig) {
  const { onFullPass = () => undefined, onPreview = () => undefined } = told;
  const applied: Applied = { outcome: 'unchanged', manifest: null };
  return startConfigurationLoop({
    folder: place,
    read: createReadConfiguration({ folder: place, renderer: { render }, proxyPort: null }),
    configuration: {
      async apply(_judged, { afresh = true } = {}) {
        onApply(afresh);
        return applied;
      },
      async preview() {
        onPreview();
        return applied;
      },
    },
    clock,
    onPass: () => undefined,
    onFullPass,
    count: () => undefined,
    log: silentLog(),
    ready: () => undefined,
  });
}

const rendered = (files: Parameters<Renderer['render']>[0]) => ({
  variables: 'v1',
  files: files.map((file) => ({ path: file.path, ...renderPlain(file.text, {}), tainted: [] })),
  problems: [],
});

// They wait side by side.
describe('the configuration loop', { concurrency: true }, () => {
  it('renders each file once, and of what did not change only the main file', async () => {
    const questions: (readonly string[])[] = [];
    let fullPasses = 0;
    const loop = startLoop({
      folder,
      async render(files) {
        questions.push(files.map(({ path }) => path));
        return rendered(files);
      },
      onFullPass() {
        fullPasses += 1;
      },
    });
    try {
      assert.equal((await loop.validate({})).services.length, names.length);
      assert.deepEqual(questions, [['kedge.toml'], names.map(serviceFile)]);
      await loop.validate({});
      // A pass of the loop may have come in between: it asks the same.
      await waitUntil(() => fullPasses > 0);
      const later = questions.slice(2);
      assert.ok(later.length > 0);
      for (const question of later) assert.deepEqual(question, ['kedge.toml']);
    } finally {
      await loop.close();
    }
  });

  it('puts in force what is right when it is asked to reload, and only looks when it is asked to validate', async () => {
    const told: string[] = [];
    const loop = startLoop({
      folder,
      render: async (files) => rendered(files),
      onFullPass: () => void told.push('in force'),
      onPreview: () => void told.push('looked'),
    });
    try {
      await loop.validate({ reload: true });
      assert.deepEqual(told, ['in force']);
      await loop.validate({});
      assert.equal(told.at(-1), 'looked');
    } finally {
      await loop.close();
    }
  });

  /** A loop over a folder that changes when the test says so, and what each pass read anew: everything, or the change alone. */
  function startChanging() {
    const state = { delay: 1, offsetMs: 0 };
    const applied: boolean[] = [];
    const loop = startLoop({
      folder: {
        ...folder,
        look: async () => ({ kind: 'read', entry: 'kedge.toml', text: `delay = ${state.delay}\n`, services: {}, variables: '' }),
      },
      clock: { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + state.offsetMs },
      render: async (files) => rendered(files),
      onApply: (isAfresh) => void applied.push(isAfresh),
    });
    const passes = async (count: number) => await waitUntil(() => applied.length === count, { what: `${count} passes` });
    return { loop, state, applied, passes };
  }

  it('reads everything from KV at first and after 30 s, and not for a change in between', async () => {
    const { loop, state, applied, passes } = startChanging();
    try {
      await passes(1);
      state.delay = 2;
      await passes(2);
      // Changes that keep coming do not put the full pass off.
      state.offsetMs += 20_000;
      state.delay = 3;
      await passes(3);
      state.offsetMs += 20_000;
      state.delay = 4;
      await passes(4);
      assert.deepEqual(applied, [true, false, false, true]);
    } finally {
      await loop.close();
    }
  });

  it('reads everything from KV when it is woken, and not for a change after that', async () => {
    const { loop, state, applied, passes } = startChanging();
    try {
      await passes(1);
      state.delay = 2;
      await passes(2);
      loop.wake();
      await passes(3);
      state.delay = 3;
      await passes(4);
      assert.deepEqual(applied, [true, false, true, false]);
    } finally {
      await loop.close();
    }
  });

  it('answers with all problems, and with what is dangerous beside them', async () => {
    const wrong = Array.from({ length: 150 }, (_, index) => `A${index} = 1\n`).join('');
    const own = `${text('app0').replace('[disp', 'privileged = true\n[disp')}[env]\n${wrong}`;
    const loop = startLoop({
      folder: {
        ...folder,
        look: async () => ({
          kind: 'read',
          entry: 'kedge.toml',
          text: '[[service]]\npath = "app0"\n',
          services: { app0: { kind: 'text', text: own } },
          variables: '',
        }),
      },
      render: async (files) => rendered(files),
    });
    try {
      const { ok, problems, warnings } = await loop.validate({});
      assert.deepEqual([ok, problems.length, warnings?.map(({ key }) => key)], [false, 150, ['service.privileged']]);
    } finally {
      await loop.close();
    }
  });

  it('follows env files, and answers with what is allowed and dangerous', async () => {
    let mark = 'first';
    const asked: string[] = [];
    const own = text('app0').replace('[disp', 'env_file = "a.env"\nprivileged = true\n[disp');
    const loop = startLoop({
      folder: {
        ...folder,
        look: async (_folders, envFiles = []) => ({
          kind: 'read',
          entry: 'kedge.toml',
          text: '[[service]]\npath = "app0"\n',
          services: { app0: { kind: 'text', text: own } },
          variables: '',
          envFiles: Object.fromEntries(envFiles.map((path) => [path, mark])),
        }),
      },
      async render(files, envFiles = []) {
        asked.push(...envFiles.map((path) => `${path} ${mark}`));
        return { ...rendered(files), envFiles: envFiles.map((path) => ({ path, variables: [] })) };
      },
    });
    try {
      const { ok, warnings } = await loop.validate({});
      assert.deepEqual([ok, warnings?.map(({ line, key }) => [line, key])], [true, [[5, 'service.privileged']]]);
      await loop.validate({});
      const before = asked.length;
      await loop.validate({});
      assert.equal(asked.length, before, 'an env file that did not change is not read again');
      mark = 'second';
      await waitUntil(() => asked.includes('app0/a.env second'));
    } finally {
      await loop.close();
    }
  });
});
