import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { openDevRig } from './testing/dev-rig.ts';

describe('the script of kedge dev, interrupted', () => {
  it('takes Ctrl-C for an answer while the stack is started, and says what is left', async () => {
    await using rig = await openDevRig();
    await writeFile(`${rig.log}.waits`, ' up ');
    // A group of its own, as a terminal gives it to what it runs.
    const child = spawn(join(rig.root, 'kedge'), ['dev', 'api'], { cwd: rig.root, env: rig.env, detached: true });
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    await waitUntil(async () => (await rig.asked()).some((line) => line.includes(' up ')), { timeoutMs: 30_000, what: 'Compose is asked' });
    process.kill(-(child.pid ?? assert.fail()), 'SIGINT');
    const [exitCode] = await once(child, 'close');
    assert.equal(exitCode, 130, err);
    assert.match(err, /stopped: what was started of the dev stack so far runs on\n==> .*"kedge dev --down" ends it/);
    assert.doesNotMatch(err, /failed/);
  });
});
