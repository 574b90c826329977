import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';

/** Takes its turn, ends it at the first line that it reads, and ends itself at the second. */
const script = `
root=$PWD dev_folder=$1
source scripts/lib/step.sh
source scripts/lib/dev-turn.sh
take_dev_turn
echo begins
read -r _
end_dev_turn
echo ended
read -r _
`;

interface Turn {
  readonly program: ChildProcessWithoutNullStreams;
  said(): string;
}

describe('the turn of kedge dev', () => {
  let folder = '';
  const programs: ChildProcessWithoutNullStreams[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-turn-'));
  });
  after(async () => {
    for (const program of programs) program.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  function begin(): Turn {
    const program = spawn('bash', ['-euo', 'pipefail', '-c', script, 'bash', folder], { cwd: join(import.meta.dirname, '../..') });
    programs.push(program);
    let text = '';
    for (const stream of [program.stdout, program.stderr]) stream.on('data', (part: Buffer) => (text += part.toString()));
    return { program, said: () => text };
  }
  const says = async ({ said }: Turn, part: string) => await waitUntil(() => said().includes(part), { what: `saying "${part}"` });

  it('comes to the second when the first has ended it, and the second says that it waits', async () => {
    const first = begin();
    await says(first, 'begins');
    const second = begin();
    await says(second, 'waiting: another "kedge dev" of this folder is at work');
    assert.doesNotMatch(second.said(), /begins/);
    first.program.stdin.write('\n');
    await says(second, 'begins');
    second.program.kill('SIGKILL');
    await once(second.program, 'close');
  });

  it('ends with a script that was killed', async () => {
    const first = begin();
    await says(first, 'begins');
    first.program.kill('SIGKILL');
    const second = begin();
    await says(second, 'begins');
  });
});
