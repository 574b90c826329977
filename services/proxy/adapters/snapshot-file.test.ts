import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { NodeName } from '@kedge/shared/contracts';
import { recordingLog } from '@kedge/shared/testing';
import type { KnownEndpoints } from '../core/adopt-endpoints.ts';
import { endpoints } from '../testing/endpoints.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createSnapshotFile } from './snapshot-file.ts';

const node = NodeName.parse('local');
const web = endpoints('web', [{ id: 'c1', port: 80 }]);
const known: KnownEndpoints = {
  epoch: 'e1',
  settings: { strategy: 'http-only' },
  services: new Map([[web.service, { entry: web, revision: 'e1.7', contentRevision: 'e1.6' }]]),
};

describe('the saved routes', () => {
  it('come back as they were, and leave nothing else behind', async () => {
    const folder = join(await temporaryFolder(), 'made', 'when-missing');
    const { log, lines } = recordingLog();
    const file = createSnapshotFile({ folder, node, log });
    assert.equal(await file.load(), null);
    await file.save({ ...known, services: new Map() });
    await file.save(known);
    assert.deepEqual(await file.load(), known);
    assert.deepEqual(await readdir(folder), ['routes.json']);
    assert.deepEqual(lines, []);
  });

  it('survive that two proxies save at the same time', async () => {
    const folder = await temporaryFolder();
    const { log, lines } = recordingLog();
    const [one, two] = [createSnapshotFile({ folder, node, log }), createSnapshotFile({ folder, node, log })];
    const fewer: KnownEndpoints = { ...known, services: new Map() };
    for (let round = 0; round < 30; round += 1) {
      await Promise.all([one.save(known), two.save(fewer)]);
      assert.notEqual(await one.load(), null);
    }
    assert.deepEqual(await readdir(folder), ['routes.json']);
    assert.deepEqual(lines, []);
  });

  for (const [what, text] of [
    ['torn', '{"version":1,"node":"lo'],
    ['of another version', '{"version":2}'],
    ['of another node', JSON.stringify({ version: 1, node: 'other', epoch: 'e1', settings: {}, services: [] })],
  ] as const) {
    it(`are left aside when they are ${what}`, async () => {
      const folder = await temporaryFolder();
      await writeFile(join(folder, 'routes.json'), text);
      const { log, lines } = recordingLog();
      assert.equal(await createSnapshotFile({ folder, node, log }).load(), null);
      assert.equal(lines.length, 1);
    });
  }
});
