import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { readEnvironment } from '@kedge/shared/service';
import { ProxyConfig } from './config.ts';

/** The defaults that the tables of the two documents tell, by name: names stand before or behind their column, in the same order. */
async function documented(): Promise<ReadonlyMap<string, string>> {
  const texts = await Promise.all(['README.md', 'LIMITS.md'].map((name) => readFile(new URL(name, import.meta.url), 'utf8')));
  const rows = texts.flatMap((text) => text.split('\n').filter((line) => line.startsWith('| ')));
  const quoted = (cell: string, form: RegExp) => [...cell.matchAll(form)].flatMap(([, word]) => word ?? []);
  return new Map(
    rows.flatMap((row) => {
      const [, before = '', standard = '', behind = ''] = row.split('|');
      const defaults = quoted(standard, /`([^`]+)`/g);
      return quoted(before + behind, /`(KEDGE_[A-Z_]+)`/g)
        .slice(0, defaults.length)
        .map((name, at) => [name, defaults[at] ?? ''] as const);
    }),
  );
}

describe('the settings of the proxy', () => {
  it('stand in the tables of README.md and LIMITS.md, with the defaults that they have', async () => {
    const told = await documented();
    const defaults = new Map(Object.entries(readEnvironment(ProxyConfig, {})).filter(([, value]) => value !== undefined));
    assert.deepEqual([...told.keys()].toSorted(), [...defaults.keys()].toSorted());
    assert.deepEqual(readEnvironment(ProxyConfig, Object.fromEntries(told)), Object.fromEntries(defaults));
  });

  it('have defaults for everything', () => {
    const config = readEnvironment(ProxyConfig, {});
    assert.deepEqual(
      [config.KEDGE_HTTP_HOST, config.KEDGE_HTTP_PORT, config.KEDGE_CLIENT_IDLE, config.KEDGE_ANSWER_TIMEOUT],
      ['::', 80, 75_000, 0],
    );
    assert.equal(config.KEDGE_CONNECT_RETRY, 2_000);
    assert.ok(config.KEDGE_UPSTREAM_IDLE < 5_000, 'below the keep-alive time-out of many servers');
  });

  it('take durations as Compose writes them', () => {
    assert.equal(readEnvironment(ProxyConfig, { KEDGE_HOLD_TIMEOUT: '1m30s' }).KEDGE_HOLD_TIMEOUT, 90_000);
  });

  it('take no duration that is longer than a timer, which would ring at once', () => {
    const read = (text: string) => readEnvironment(ProxyConfig, { KEDGE_DOWNLOAD_IDLE: text }).KEDGE_DOWNLOAD_IDLE;
    assert.equal(read('596h'), 596 * 3_600_000);
    assert.throws(() => read('597h'), { code: 'CONFIG_INVALID', message: /KEDGE_DOWNLOAD_IDLE: "597h" is too long; at most 596h, and 0s/ });
  });

  it('listen for HTTPS with certificates only, and on a port of its own', () => {
    const read = (environment: Readonly<Record<string, string>>) => readEnvironment(ProxyConfig, environment).KEDGE_HTTPS_PORT;
    assert.equal(read({}), undefined);
    assert.equal(read({ KEDGE_HTTPS_PORT: '', KEDGE_CERTIFICATES: 'self-signed' }), undefined);
    assert.equal(read({ KEDGE_HTTPS_PORT: '8443', KEDGE_CERTIFICATES: 'self-signed' }), 8443);
    assert.throws(() => read({ KEDGE_HTTPS_PORT: '8443' }), {
      code: 'CONFIG_INVALID',
      message: /KEDGE_HTTPS_PORT: HTTPS needs certificates; set/,
    });
    assert.throws(() => read({ KEDGE_HTTPS_PORT: '80', KEDGE_CERTIFICATES: 'self-signed' }), /KEDGE_HTTPS_PORT: KEDGE_HTTP_PORT is 80 too/);
  });

  it('report every mistake together', () => {
    assert.throws(() => readEnvironment(ProxyConfig, { KEDGE_HTTP_PORT: '70000', KEDGE_CLIENT_IDLE: 'soon', KEDGE_HOLD_LIMIT: '0' }), {
      code: 'CONFIG_INVALID',
      message: /KEDGE_HTTP_PORT: .*KEDGE_CLIENT_IDLE: "soon" is not a duration.*KEDGE_HOLD_LIMIT: /,
    });
  });
});
