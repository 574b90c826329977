import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CheckReply, ImageReference } from '@kedge/shared/contracts';
import { TerminalError } from '@kedge/shared/kernel';
import { createFakeBus } from '../testing/fake-bus.ts';
import { runLine } from '../testing/run-line.ts';
import { digestA, statusReply } from '../testing/samples.ts';

const present = { reference: ImageReference.parse('hello:1'), state: 'present', digest: digestA } as const;
const unreachable = {
  reference: ImageReference.parse('example.com/x'),
  state: 'unreachable',
  digest: null,
  trouble: { code: 'REGISTRY_DENIED', message: 'log in first', since: '2026-03-01T12:00:00.000Z' },
} as const;
const absent = { reference: ImageReference.parse('hello:9'), state: 'absent', digest: null } as const;

async function run(checked: CheckReply['checked'], line: string) {
  const bus = createFakeBus({ 'watcher.check': () => ({ checked }) });
  return { ...(await runLine(bus, line)), asked: bus.asked };
}

describe('kedge check', () => {
  it('shows what the registries answered', async () => {
    const { exitCode, out } = await run([present], 'check');
    assert.deepEqual([exitCode, out], [0, 'IMAGE    STATE    DIGEST\nhello:1  present  aaaaaaaaaaaa\n']);
  });

  it('fails when a registry could not be asked, and says why', async () => {
    const { exitCode, out } = await run([present, unreachable], 'check');
    assert.equal(exitCode, 1);
    assert.match(out, /^IMAGE +STATE +DIGEST +REASON\n/);
    assert.match(out, /example\.com\/x {2}unreachable {2}- +log in first \(REGISTRY_DENIED\)\n/);
  });

  it('fails when a registry does not have the image', async () => {
    const { exitCode, out } = await run([present, absent], 'check');
    assert.equal(exitCode, 1);
    assert.match(out, /hello:9 +absent {3}-\n/);
  });

  it('asks for one service only', async () => {
    assert.deepEqual((await run([present], 'check web')).asked[0]?.data, { service: 'web' });
  });

  const undeclared = 'error: nobody declares it [IMAGE_NOT_DECLARED]\n';
  for (const [line, whoElse, told] of [
    ['check wbe', 'the reconciler', 'error: there is no service "wbe"; did you mean "web"? [SERVICE_UNKNOWN]\n'],
    ['check wbe', 'nobody', undeclared],
    // Declared no more, and not gone yet.
    ['check web', 'the reconciler', undeclared],
  ] as const) {
    it(`fails where the watcher does not know the service and ${whoElse} answers: ${line}`, async () => {
      const bus = createFakeBus({
        'watcher.check': () => {
          throw new TerminalError('IMAGE_NOT_DECLARED', 'nobody declares it');
        },
        ...(whoElse === 'nobody' ? {} : { 'status.services': () => statusReply() }),
      });
      assert.deepEqual(await runLine(bus, line), { exitCode: 1, out: '', err: told });
    });
  }

  it('says when there is nothing to ask for', async () => {
    assert.equal((await run([], 'check')).out, 'Nothing to do: no image is declared.\n');
  });

  it('prints the answer itself for programs', async () => {
    assert.deepEqual(JSON.parse((await run([present], 'check --json')).out), { checked: [present] });
  });
});
