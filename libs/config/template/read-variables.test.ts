import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadEngine } from './engine.ts';
import { readVariables } from './read-variables.ts';
import type { SecretAnswer, SecretStore } from './secret-store.ts';
import { sourceKey } from './secret-store.ts';

const engine = await loadEngine();
const primary =
  'project = "p"\ndb = { source = "google", name = "projects/1/secrets/DB" }\nsame = { source = "google", name = "projects/1/secrets/DB" }\n';
const secondary = 'url = "pg://u:${db}@h"\nother = { source = "google", name = "projects/${project}/secrets/O", version = "3" }\n';

function storeOf(answers: Readonly<Record<string, SecretAnswer>>) {
  const asked: string[] = [];
  const store: SecretStore = {
    async access(source) {
      asked.push(sourceKey(source));
      return answers[source.name] ?? { ok: false, reason: 'does not exist' };
    },
  };
  return { asked, store };
}

async function read(store: SecretStore | null) {
  const files = [
    { path: 'dispenser.vars', text: primary },
    { path: 'x.dispenser.vars', text: secondary },
  ];
  return await readVariables({ engine, folder: { readVariableFiles: async () => files }, store });
}

describe('variables with what lies in secret sources', () => {
  it('have its values, asked for once each, and what is made of them', async () => {
    const { asked, store } = storeOf({
      'projects/1/secrets/DB': { ok: true, value: 'c4nary' },
      'projects/p/secrets/O': { ok: true, value: 'o' },
    });
    const { values, secrets, unresolved, problems, complete } = await read(store);
    assert.deepEqual(Object.fromEntries(values), { project: 'p', db: 'c4nary', same: 'c4nary', url: 'pg://u:c4nary@h', other: 'o' });
    assert.deepEqual([[...secrets].toSorted(), [...unresolved], problems, complete], [['db', 'other', 'same', 'url'], [], [], true]);
    assert.deepEqual(asked.toSorted(), ['google:projects/1/secrets/DB/versions/latest', 'google:projects/p/secrets/O/versions/3']);
  });

  it('have nothing in the place of what there is to mend, and tell it where it is declared', async () => {
    const { store } = storeOf({ 'projects/p/secrets/O': { ok: true, value: 'o' } });
    const { values, problems, complete } = await read(store);
    assert.deepEqual([values.has('db'), values.get('other'), complete], [false, undefined, false]);
    assert.deepEqual(
      problems.map(({ path, offset, message }) => [path, primary.slice(offset, offset + 4).trim(), message]),
      [
        ['dispenser.vars', 'db =', 'variable "db": does not exist'],
        ['dispenser.vars', 'same', 'variable "same": does not exist'],
      ],
    );
  });

  it('reject while a source cannot be asked', async () => {
    const away: SecretStore = { access: async () => await Promise.reject(new Error('away')) };
    await assert.rejects(read(away), /away/);
  });

  it('stay unresolved when nobody is asked', async () => {
    const { unresolved } = await read(null);
    assert.deepEqual([...unresolved.keys()].toSorted(), ['db', 'other', 'same', 'url']);
  });
});
