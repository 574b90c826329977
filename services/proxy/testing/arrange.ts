import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { endpoints } from './endpoints.ts';
import { type HttpUpstream, startHttpUpstream } from './http-upstream.ts';
import { type RawUpstream, startRawUpstream } from './raw-http.ts';
import { startDataPlane, type TestDataPlane } from './start-data-plane.ts';

type Environment = Readonly<Record<string, string>>;

/** A data plane whose service `web` is one node:http upstream; both end with the test. */
export async function withHttpUpstream(
  t: TestContext,
  listener: RequestListener,
  environment?: Environment,
): Promise<{ plane: TestDataPlane; upstream: HttpUpstream }> {
  const upstream = await startHttpUpstream(listener);
  return { upstream, plane: await planeFor(t, upstream, environment) };
}

/** The same with an upstream on raw sockets. */
export async function withRawUpstream(
  t: TestContext,
  onConnection: (socket: Socket, index: number) => void,
  environment?: Environment,
): Promise<{ plane: TestDataPlane; upstream: RawUpstream }> {
  const upstream = await startRawUpstream(onConnection);
  return { upstream, plane: await planeFor(t, upstream, environment) };
}

async function planeFor(
  t: TestContext,
  upstream: { readonly port: number; close(): Promise<void> },
  environment?: Environment,
): Promise<TestDataPlane> {
  const plane = await startDataPlane(environment);
  t.after(async () => {
    await plane.close();
    await upstream.close();
  });
  plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])]);
  return plane;
}
