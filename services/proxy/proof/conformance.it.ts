import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, constants, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { endpoints } from '../testing/endpoints.ts';
import { startHttpUpstream } from '../testing/http-upstream.ts';
import { askHttps } from '../testing/https-client.ts';
import { type Doors, tools } from '../testing/other-clients.ts';
import { isLong } from '../testing/sample.ts';
import { startDataPlane } from '../testing/start-data-plane.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const execute = promisify(execFile);

async function openDoors(t: TestContext): Promise<Doors> {
  const folder = await temporaryFolder();
  const upload = join(folder, 'upload');
  await writeFile(upload, Buffer.alloc(300_000, 'u'));
  const upstream = await startHttpUpstream((request, response) => {
    let length = 0;
    request.on('data', (bytes: Buffer) => {
      length += bytes.length;
    });
    request.on('end', () => response.end(request.url === '/upload' ? String(length) : 'hello'));
  });
  const plane = await startDataPlane({ KEDGE_HTTPS_PORT: '0', KEDGE_CERTIFICATES: 'self-signed', KEDGE_STATE_DIR: folder });
  t.after(async () => {
    await plane.close();
    await upstream.close();
  });
  const routes = ['localhost', '127.0.0.1'].map((host) => ({ host, path: '/' }));
  plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }], { routes })], { strategy: 'both' });
  const https = plane.https?.port() ?? 0;
  await askHttps({ port: https, host: 'localhost' }); // whose certificate is made now
  return { http: plane.port, https, requests: isLong ? 20_000 : 1_000, upload };
}

async function isInstalled(program: string): Promise<boolean> {
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program));
  const found = await Promise.all(
    places.map(
      async (place) =>
        await access(place, constants.X_OK).then(
          () => true,
          () => false,
        ),
    ),
  );
  return found.includes(true);
}

describe('the proxy, as others see it', () => {
  for (const { program, what, arguments: argumentsFor, says } of tools) {
    it(`${program}: ${what}`, async (t) => {
      if (!(await isInstalled(program))) {
        t.skip(`${program} is not installed`);
        return;
      }
      const { stdout, stderr } = await execute(program, argumentsFor(await openDoors(t)), { maxBuffer: 16_777_216 });
      const said = says.exec(stdout);
      assert.ok(said, `${program} said ${stdout.slice(-2_000)} ${stderr.slice(-2_000)}`);
      t.diagnostic(`${program}, ${what}: ${said[0].trim().replaceAll(/\s+/g, ' ').slice(0, 120)}`);
    });
  }
});
