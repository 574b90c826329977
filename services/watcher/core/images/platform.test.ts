import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { choosePlatform, indexTypes, manifestTypes } from './platform.ts';

const descriptor = (digest: string, platform?: string, mediaType: string = manifestTypes[0]) => {
  const [os = '', architecture = '', variant] = platform?.split('/') ?? [];
  return { digest, mediaType, ...(platform ? { platform: { os, architecture, ...(variant ? { variant } : {}) } } : {}) };
};

describe('choosing from an index', () => {
  const usual = [
    descriptor('amd', 'linux/amd64'),
    descriptor('arm', 'linux/arm64/v8'),
    descriptor('v6', 'linux/arm/v6'),
    descriptor('v7', 'linux/arm/v7'),
    descriptor('note', 'unknown/unknown'),
  ];

  for (const [wanted, images] of [
    ['linux/amd64', ['amd']],
    ['linux/arm64', ['arm']],
    ['linux/arm64/v8', ['arm']],
    ['linux/arm/v7', ['v7']],
    ['linux/arm', ['v7']],
    ['linux/arm/v6', ['v6']],
    ['linux/s390x', []],
    ['windows/amd64', []],
  ] as const) {
    it(`${wanted}: ${images.join() || 'nothing'}`, () => assert.deepEqual(choosePlatform(usual, wanted).images, images));
  }

  it('names the platforms that there are, without attestations', () => {
    assert.deepEqual(choosePlatform(usual, 'linux/amd64').platforms, ['linux/amd64', 'linux/arm64/v8', 'linux/arm/v6', 'linux/arm/v7']);
  });

  it('takes an image without a platform after those that name it', () => {
    assert.deepEqual(choosePlatform([descriptor('any'), descriptor('amd', 'linux/amd64')], 'linux/amd64').images, ['amd', 'any']);
  });

  it('points at indexes within the index that may hold one', () => {
    const nested = [
      descriptor('deep', undefined, indexTypes[0]),
      descriptor('docker', 'linux/amd64', indexTypes[1]),
      descriptor('no', 'linux/arm64', indexTypes[0]),
    ];
    assert.deepEqual(choosePlatform(nested, 'linux/amd64'), {
      images: [],
      nested: ['deep', 'docker'],
      platforms: ['linux/amd64', 'linux/arm64'],
    });
  });
});
