import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { silentLog, waitUntil } from '@kedge/shared/testing';
import { createByteRefusal } from './refuse-bytes.ts';
import { silentAccess } from './testing/silent-access.ts';

interface Answering {
  /** Whether the request that is being answered came in completely. */
  readonly complete: boolean;
  readonly begun?: boolean;
  /** Whether its answer stands behind another one. */
  readonly queued?: boolean;
}

/** Bytes that are no request come in on a connection on which something may still be answered. */
function arrange(answering: Answering | null = null) {
  const connection = new PassThrough();
  connection.on('error', () => undefined);
  const refused: number[] = [];
  const socket = new Socket();
  const request = new IncomingMessage(socket);
  const last = new ServerResponse(request);
  for (const end of [socket, last]) end.on('error', () => undefined); // nobody is at the other end
  request.complete = answering?.complete ?? true;
  if (!answering?.queued) last.assignSocket(socket);
  if (answering?.begun) last.flushHeaders();
  const refuse = createByteRefusal({
    traffic: { refused: (status) => void refused.push(status) },
    access: silentAccess,
    log: silentLog(),
    lastAnswer: () => (answering ? last : null),
  });
  return {
    connection,
    refused,
    refuse: (code = 'HPE_INVALID_METHOD') => refuse(Object.assign(new Error('test'), { code }), connection),
    answered: () => last.emit('close'),
    said: () => String(connection.read() ?? ''),
  };
}

describe('bytes that are no request', () => {
  const codes: readonly (readonly [string, number])[] = [
    ['HPE_INVALID_METHOD', 400],
    ['HPE_HEADER_OVERFLOW', 431],
    ['ERR_HTTP_REQUEST_TIMEOUT', 408],
  ];
  for (const [code, status] of codes) {
    it(`are answered with ${status} for ${code}, and the connection ends`, async () => {
      const { connection, refused, refuse, said } = arrange();
      refuse(code);
      assert.deepEqual(refused, [status]);
      assert.match(said(), new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*Connection: close\r\n`));
      await waitUntil(() => connection.destroyed);
    });
  }

  it('wait for the answer to what was asked before them, however many they are', () => {
    const { connection, refused, refuse, answered, said } = arrange({ complete: true, begun: true });
    refuse();
    refuse();
    assert.deepEqual(refused, []);
    answered();
    assert.deepEqual([refused, connection.destroyed], [[400], false]);
    assert.match(said(), /^HTTP\/1\.1 400 /);
  });

  it('are not answered where that answer closed the connection', () => {
    const { connection, refused, refuse, answered } = arrange({ complete: true });
    refuse();
    connection.destroy();
    answered();
    assert.deepEqual(refused, []);
  });

  it('that are the body of a request are the answer to it, while it has none', () => {
    const { refused, refuse } = arrange({ complete: false });
    refuse();
    assert.deepEqual(refused, [400]);
  });

  for (const [what, answering] of [
    ['whose answer has begun', { complete: false, begun: true }],
    ['whose turn has not come', { complete: false, queued: true }],
  ] as const) {
    it(`that are the body of a request ${what} cost the connection`, () => {
      const { connection, refused, refuse, said } = arrange(answering);
      refuse();
      assert.deepEqual([connection.destroyed, refused, said()], [true, [], '']);
    });
  }

  it('are of no interest on a connection that broke', () => {
    const { connection, refused, refuse } = arrange();
    refuse('ECONNRESET');
    assert.deepEqual([connection.destroyed, refused], [true, []]);
  });
});
