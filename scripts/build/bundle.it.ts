import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);

describe('what the images carry', () => {
  it('runs without the sources, knows its version and renders templates', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kedge-bundle-'));
    try {
      await run(process.execPath, [join(import.meta.dirname, 'bundle.ts'), folder]);
      const { stdout } = await run(process.execPath, [join(folder, 'cli/main.js'), '--version'], { cwd: folder });
      const whole = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8')) as { readonly version: string };
      assert.equal(stdout, `${whole.version}\n`);

      const configuration = join(folder, 'configuration');
      await mkdir(join(configuration, 'web'), { recursive: true });
      await writeFile(join(configuration, 'kedge.toml'), '[[service]]\npath = "web"\n');
      await writeFile(join(configuration, 'dispenser.vars'), 'name = "web"\n');
      await writeFile(
        join(configuration, 'web/service.toml'),
        '[service]\nname = "${ name | lower }"\nimage = "web:1"\n[kedge]\nwatch = true\n',
      );
      const validated = await run(process.execPath, [join(folder, 'cli/main.js'), 'validate', configuration], { cwd: folder });
      assert.match(validated.stdout, /is fine: 1 service/);

      // What is loaded late is there too.
      assert.equal(await tokenOfGoogle(join(folder, 'secrets')), 'T1');
      assert.match(await startedWithHttps(join(folder, 'proxy/main.js'), folder), /"listening for HTTPS"/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** A token as secrets asks for it, by a library that is CommonJS inside. */
async function tokenOfGoogle(folder: string): Promise<string> {
  const [chunk] = (await readdir(folder)).filter((name) => name.startsWith('google-auth-'));
  assert.ok(chunk, 'secrets carries the library');
  const credentials = join(folder, 'credentials.json');
  await writeFile(credentials, JSON.stringify({ type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' }));
  const script = `
    const { GoogleAuth } = await import(${JSON.stringify(join(folder, chunk))});
    const fetchImplementation = async () => Response.json({ access_token: 'T1', expires_in: 3600 });
    const auth = new GoogleAuth({ projectId: 'p', clientOptions: { transporterOptions: { fetchImplementation, noProxy: [/./] } } });
    console.log(await auth.getAccessToken());`;
  const env = { ...process.env, GOOGLE_APPLICATION_CREDENTIALS: credentials, HTTPS_PROXY: 'http://127.0.0.1:9' };
  return (await run(process.execPath, ['--input-type=module', '--eval', script], { env })).stdout.trim();
}

/** What the proxy says until it serves HTTPS, or cannot. */
async function startedWithHttps(main: string, folder: string): Promise<string> {
  const env = {
    KEDGE_HTTP_HOST: '127.0.0.1',
    KEDGE_HTTP_PORT: '0',
    KEDGE_HTTPS_PORT: '0',
    KEDGE_CERTIFICATES: 'self-signed',
    KEDGE_HEALTH_PORT: '0',
    KEDGE_STATE_DIR: join(folder, 'state'),
    KEDGE_KEYS: folder,
    KEDGE_BUS_URL: 'nats://127.0.0.1:9',
  };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  let said = '';
  for await (const line of createInterface({ input: child.stdout })) {
    said += `${line}\n`;
    if (line.includes('HTTPS')) break;
  }
  child.kill('SIGKILL');
  await gone;
  return said;
}
