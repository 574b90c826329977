import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { platformOf } from './engine-platform.ts';

describe('the platform of the engine', () => {
  for (const [architecture, platform] of [
    ['x86_64', 'linux/amd64'],
    ['aarch64', 'linux/arm64'],
    ['armv7l', 'linux/arm/v7'],
    ['i686', 'linux/386'],
    ['riscv64', 'linux/riscv64'],
    ['amd64', 'linux/amd64'],
  ] as const) {
    it(`${architecture} is ${platform}`, () => assert.equal(platformOf({ OSType: 'linux', Architecture: architecture }), platform));
  }
});
