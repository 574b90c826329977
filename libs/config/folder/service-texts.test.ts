import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createServiceTexts } from './service-texts.ts';

const farFromNow = Date.now() + 1_000_000_000;
const folders = ['web', 'db'];

describe('the files of services', () => {
  let path = '';
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'kedge-services-'));
    for (const each of folders) await mkdir(join(path, each));
    for (const each of folders) await write(each, 'a');
  });
  afterEach(async () => await rm(path, { recursive: true, force: true }));

  const write = async (folder: string, text: string) => await writeFile(join(path, folder, 'service.toml'), text);

  /** A folder of whose changes only the test tells, at a time that it sets. */
  function looking() {
    const hinted = new Set<string>();
    const clock = { ms: 0 };
    const texts = createServiceTexts({
      path,
      hints: { follow: () => undefined, take: () => new Set(hinted), renew: () => undefined },
      now: () => farFromNow,
      monotonicMs: () => clock.ms,
    });
    async function says(): Promise<readonly string[]> {
      const { services } = await texts.look(folders);
      return folders.map((folder) => (services[folder]?.kind === 'text' ? services[folder].text : 'unreadable'));
    }
    return { texts, says, clock, hint: (folder: string) => void hinted.add(join(path, folder)) };
  }

  it('are looked at where hints say so, and are the very same value until one of them changed', async () => {
    const { texts, says, hint } = looking();
    const first = await texts.look(folders);
    for (const each of folders) await write(each, 'bb');
    assert.equal(await texts.look(folders), first);
    hint('web');
    assert.deepEqual(await says(), ['bb', 'a']);
  });

  it('are all seen to change after two seconds, though nobody says so', async () => {
    const { says, clock } = looking();
    await says();
    await write('db', 'bb');
    clock.ms = 2_000;
    assert.deepEqual(await says(), ['a', 'bb']);
    // From now on hints are doubted: the next change is seen at once.
    clock.ms = 2_600;
    await says();
    await write('db', 'ccc');
    clock.ms = 3_200;
    assert.deepEqual(await says(), ['a', 'ccc']);
  });

  it('are all looked at when somebody must not be told what was', async () => {
    const { texts, says } = looking();
    await says();
    await write('db', 'bb');
    texts.doubt();
    assert.deepEqual(await says(), ['a', 'bb']);
  });

  it('are seen where a folder was replaced, or leads elsewhere', async () => {
    const { says, hint } = looking();
    await says();
    await mkdir(join(path, 'other'));
    await write('other', 'linked');
    await rename(join(path, 'web'), join(path, 'old'));
    await symlink('other', join(path, 'web'));
    hint('web');
    assert.deepEqual(await says(), ['linked', 'a']);
  });

  it('come with what changed since the look before, and keep saying so', async () => {
    const { texts, hint } = looking();
    const first = await texts.look(folders);
    assert.equal(first.news, undefined);
    await write('db', 'bb');
    hint('db');
    const second = await texts.look(folders);
    assert.deepEqual([second.news?.since === first.services, second.news?.folders], [true, ['db']]);
    assert.equal(await texts.look(folders), second);
  });

  it('are all of other folders when those are asked for', async () => {
    const { texts } = looking();
    await texts.look(folders);
    assert.deepEqual(await texts.look(['db', 'none']), {
      services: { db: { kind: 'text', text: 'a' }, none: { kind: 'unreadable', reason: 'does not exist, and neither does its folder' } },
    });
    assert.deepEqual((await texts.look([])).services, {});
  });
});
