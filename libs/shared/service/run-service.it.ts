import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ComponentProcess, startComponentProcess, waitUntil } from '../testing/index.ts';

const main = new URL('testing/closing-component.ts', import.meta.url);

async function start(environment: Readonly<Record<string, string>> = {}): Promise<ComponentProcess> {
  // Without a key the bus is never joined: the front door has to work all the same.
  const component = await startComponentProcess({ main, environment: { KEDGE_KEYS: '/nowhere', ...environment }, until: 'listening' });
  await waitUntil(async () => (await component.get('/readyz')).body.includes('"start":true'));
  return component;
}

describe('the life of a component', () => {
  it('closes its parts in reverse on SIGTERM and ends well', async () => {
    const component = await start();
    assert.equal(await component.stop('SIGTERM'), 0);
    assert.deepEqual(component.output().match(/closing \w+/g), ['closing second', 'closing first']);
  });

  it('does not wait for ever for a part that does not close', async () => {
    const component = await start({ STUCK: 'second' });
    assert.equal(await component.stop('SIGTERM'), 0);
    assert.match(component.output(), /gave up closing/);
  });

  it('takes a second signal as "now"', async () => {
    const component = await start({ STUCK: 'second' });
    component.send('SIGTERM');
    await waitUntil(() => component.output().includes('closing second'));
    assert.equal(await component.stop('SIGTERM'), 130);
  });

  it('says which part is not ready, and that it lives all the same', async () => {
    const component = await start({ SICK: '1' });
    const { status, body } = await component.get('/readyz');
    assert.equal(status, 503);
    assert.match(body, /"second":"it is sick"/);
    assert.equal((await component.get('/healthz')).status, 200);
    assert.match((await component.get('/metrics')).body, /process_resident_memory_bytes/);
    await component.stop();
  });
});
