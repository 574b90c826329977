import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConfigurationFolder } from '@kedge/config';
import { createReadConfiguration, serviceFile } from '@kedge/config';
import { renderPlain } from '@kedge/config/testing';
import { silentLog, waitUntil } from '@kedge/shared/testing';
import { systemClock } from '../adapters/system-clock.ts';
import type { Applied } from '../apply-configuration.ts';
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
  variablesText: async () => null,
};

describe('the configuration loop', () => {
  it('renders each file once, and of what did not change only the main file', async () => {
    const questions: (readonly string[])[] = [];
    let fullPasses = 0;
    const applied: Applied = { outcome: 'unchanged', manifest: null };
    const loop = startConfigurationLoop({
      folder,
      read: createReadConfiguration({
        folder,
        renderer: {
          async render(files) {
            questions.push(files.map(({ path }) => path));
            const rendered = files.map((file) => ({ path: file.path, ...renderPlain(file.text, {}), tainted: [] }));
            return { variables: 'v1', files: rendered, problems: [] };
          },
        },
        proxyPort: null,
      }),
      configuration: { apply: async () => applied, preview: async () => applied },
      clock: systemClock,
      onPass: () => undefined,
      onFullPass() {
        fullPasses += 1;
      },
      count: () => undefined,
      log: silentLog(),
      ready: () => undefined,
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
});
