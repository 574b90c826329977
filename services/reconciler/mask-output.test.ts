import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError, Sealed, TerminalError } from '@kedge/shared/kernel';
import { silentLog } from '@kedge/shared/testing';
import { maskOutput } from './mask-output.ts';
import type { ContainerEngine, OutputMask } from './ports.ts';
import { emptyPlan } from './testing/simulated-engine.ts';

const plan = { ...emptyPlan, name: 'web', image: 'app' };
const options = { lines: 20 };
const known: OutputMask = { values: async () => [new Sealed('hunter2hunter2')] };
const unknown: OutputMask = { values: async () => await Promise.reject(new RetryableError('REQUEST_UNANSWERED', 'nobody')) };
const sentence = 'exec: "hunter2hunter2": executable file not found in $PATH';

type Speaking = Pick<ContainerEngine, 'logs' | 'create' | 'start' | 'givenSecrets'>;

function masked(mask: OutputMask, thrown: Error = new Error('never'), given: readonly string[] | null = null): Speaking {
  const engine: Speaking = {
    givenSecrets: async () => given?.map((value) => new Sealed(value)) ?? null,
    logs: async () => ['begins', 'cannot reach postgres://u:hunter2hunter2@db'],
    create: async () => await Promise.reject(thrown),
    start: async () => await Promise.reject(thrown),
  };
  return maskOutput(engine, { mask, log: silentLog() });
}

describe('what containers printed', () => {
  it('is masked before anybody sees it', async () => {
    assert.deepEqual(await masked(known).logs('c1', options), ['begins', 'cannot reach postgres://u:[sealed]@db']);
  });

  it('is masked of what the container was given, whatever the files say by now', async () => {
    const none: OutputMask = { values: async () => [] };
    const engine = masked(none, undefined, ['hunter2hunter2']);
    assert.deepEqual(await engine.logs('c1', options), ['begins', 'cannot reach postgres://u:[sealed]@db']);
  });

  it('keeps of a text that holds a secret what is none, where the secret itself is known', async () => {
    const url = 'postgres://u:hunter2hunter2@db';
    const shown = async (mask: OutputMask) => (await masked(mask, undefined, [url]).logs('c1', options))[1];
    assert.equal(await shown(known), 'cannot reach postgres://u:[sealed]@db');
    assert.equal(await shown({ values: async () => [] }), 'cannot reach [sealed]');
  });

  it('is withheld when nobody knows the values that parts of what it was given are, and shown when it was given none', async () => {
    assert.match((await masked(unknown, undefined, ['hunter2']).logs('c1', options))[0] ?? '', /lines withheld: 2;/);
    assert.equal((await masked(unknown, undefined, []).logs('c1', options)).length, 2);
  });

  it('is withheld when nobody can tell what to mask', async () => {
    const [line = '', ...more] = await masked(unknown).logs('c1', options);
    assert.match(line, /lines withheld: 2;/);
    assert.deepEqual(more, []);
  });
});

describe('what the engine says of a container that it refuses', () => {
  const refused = new TerminalError('START_REFUSED', `it cannot be started: ${sentence}`, { details: { sentence, exitCode: 127 } });
  const failed = new RetryableError('ENGINE_ERROR', `the container engine failed to create web: ${sentence}`, {
    details: { sentence },
    retryAfterMs: 7,
  });

  for (const [call, refusal, kind] of [
    ['start', refused, TerminalError],
    ['create', failed, RetryableError],
  ] as const) {
    const ask = async (mask: OutputMask) =>
      await (call === 'start' ? masked(mask, refusal).start('c1') : masked(mask, refusal).create(plan));

    it(`is masked in the error of ${call}, which stays what it is`, async () => {
      await assert.rejects(ask(known), (thrown: Error) => {
        assert.ok(thrown instanceof kind);
        assert.equal(thrown.code, refusal.code);
        assert.equal(thrown instanceof RetryableError ? thrown.retryAfterMs : 7, 7);
        assert.ok(thrown.message.endsWith('exec: "[sealed]": executable file not found in $PATH'));
        assert.deepEqual(thrown.details, { ...refusal.details, sentence: 'exec: "[sealed]": executable file not found in $PATH' });
        assert.doesNotMatch(String(thrown.stack) + String(thrown.cause), /hunter2/);
        return true;
      });
    });

    it(`is withheld from the error of ${call} when nobody can tell what to mask`, async () => {
      await assert.rejects(ask(unknown), (thrown: Error) => {
        assert.match(thrown.message, /words of the engine are withheld/);
        assert.doesNotMatch(JSON.stringify(thrown) + thrown.message, /hunter2/);
        return true;
      });
    });
  }

  it('asks nobody about an error that repeats no words of the engine', async () => {
    const gone = new RetryableError('CONTAINER_GONE', 'a container that was just seen is gone');
    await assert.rejects(masked(unknown, gone).start('c1'), gone);
  });
});
