import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type Client, type ClientDuplexStream, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { endpoints } from './testing/endpoints.ts';
import { connectGrpc, startGrpcEcho } from './testing/grpc-echo.ts';
import { askHttps } from './testing/https-client.ts';
import { startDataPlane } from './testing/start-data-plane.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

interface EchoClient extends Client {
  say(text: string, metadata: Metadata, done: (error: ServiceError | null, answer?: string) => void): void;
  chat(): ClientDuplexStream<string, string>;
}

/** A gRPC client, a proxy, and a gRPC server behind it. */
async function arrange(t: TestContext): Promise<EchoClient> {
  const folder = await temporaryFolder();
  const server = await startGrpcEcho();
  const plane = await startDataPlane({ KEDGE_HTTPS_PORT: '0', KEDGE_CERTIFICATES: 'self-signed', KEDGE_STATE_DIR: folder });
  plane.route([endpoints('web', [{ id: 'c1', port: server.port }], { rules: { scheme: 'h2c' } })], { strategy: 'both' });
  const port = plane.https?.port() ?? 0;
  await askHttps({ port }); // whose certificate is made now
  const client = connectGrpc(port, 'web.test', await readFile(join(folder, 'self-signed', 'web.test.pem'))) as EchoClient;
  t.after(async () => {
    client.close();
    await plane.close();
    server.close();
  });
  return client;
}

describe('gRPC', () => {
  it('asks and is answered, with metadata', async (t) => {
    const client = await arrange(t);
    const metadata = new Metadata();
    metadata.set('x-own', 'yes');
    const answer = await new Promise((resolve, reject) => {
      client.say('hello', metadata, (error, said) => (error ? reject(error) : resolve(said)));
    });
    assert.equal(answer, 'hello, yes');
  });

  it('is told an error by the status in the trailers', async (t) => {
    const client = await arrange(t);
    const error = await new Promise<ServiceError | null>((resolve) => client.say('fail', new Metadata(), resolve));
    assert.deepEqual([error?.code, error?.details], [status.FAILED_PRECONDITION, 'not now']);
  });

  it('talks both ways on one stream', async (t) => {
    const client = await arrange(t);
    const call = client.chat();
    const heard: string[] = [];
    const ended = new Promise<void>((resolve, reject) => {
      call.on('data', (said: string) => {
        heard.push(said);
        if (heard.length < 3) call.write(String(heard.length + 1));
        else call.end();
      });
      call.on('end', resolve);
      call.on('error', reject);
    });
    call.write('1');
    await ended;
    assert.deepEqual(heard, ['<1>', '<2>', '<3>']);
  });
});
